package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.comm.DeviceWorlds;
import io.longstrand.comm.nccl.NcclWorlds;
import io.longstrand.config.RunConfiguration;
import io.longstrand.mesh.Mesh;
import io.longstrand.train.TinyRanks.Outcome;
import io.longstrand.train.TinyRun.RecordingDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where ranks have what they send each other changes nothing of what they compute: on their devices, or on the host. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeviceRunsTest {
    private static final int STEPS = 3;

    @TempDir
    static Path directory;

    private TinyRun runs;

    private record Case(Mesh mesh, int stage, String offload, String precision, int microBatch) {}

    @BeforeAll
    void prepare() throws IOException {
        runs = new TinyRun(directory, 120);
    }

    static Stream<Case> cases() {
        List<Mesh> meshes = List.of(
                new Mesh(2, 1, 1, 1),
                new Mesh(1, 2, 1, 1),
                new Mesh(1, 1, 2, 1),
                new Mesh(1, 1, 1, 2),
                new Mesh(3, 1, 1, 1),
                new Mesh(1, 4, 1, 1),
                new Mesh(1, 2, 2, 1),
                new Mesh(2, 1, 1, 2),
                new Mesh(1, 2, 1, 2));
        return meshes.stream().flatMap(mesh -> stages(mesh).flatMap(stage -> Stream.of("none", "host")
                .map(offload -> new Case(
                        mesh,
                        stage,
                        offload,
                        (stage + mesh.world()) % 2 == 0 ? "fp32" : "bf16",
                        offload.equals("none") ? 1 : 2))));
    }

    /** Stages differ in what they do over the data axis. */
    private static Stream<Integer> stages(Mesh mesh) {
        return mesh.data() > 1 ? Stream.of(0, 1, 2, 3) : Stream.of(1, 3);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void over_devices_ranks_compute_the_bits_and_send_the_bytes_that_they_do_over_hosts(Case each) {
        RunConfiguration configuration = configuration(each, "train.steps=" + STEPS);

        Outcome overHosts = TinyRanks.train(configuration, STEPS);

        assertSame(TinyRanks.train(configuration, STEPS, DeviceWorlds::worlds), overHosts);
        assertSame(TinyRanks.train(configuration, STEPS, NcclWorlds::worlds), overHosts);
    }

    private static void assertSame(Outcome overDevices, Outcome overHosts) {
        overDevices.assertBegins(overHosts);
        overDevices.assertSameBits("over devices", overHosts);
        overDevices.assertSentAsPlanned();
        assertThat(overDevices.sent()).isEqualTo(overHosts.sent());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void what_is_planned_over_devices_is_the_peak_of_every_rank(Case each) {
        RunConfiguration configuration = configuration(each, "train.steps=2");
        int ranks = configuration.parallel().world();

        List<TrainingOutcome> outcomes = TinyRun.trainTogether(
                configuration, new RecordingDriver(), DeviceWorlds.worlds(ranks, Duration.ofSeconds(15)));

        assertThat(outcomes).allSatisfy(outcome -> {
            assertThat(outcome.deviceBytes().peak())
                    .isEqualTo(outcome.deviceBytes().planned());
            assertThat(outcome.hostBytes().peak()).isEqualTo(outcome.hostBytes().planned());
        });
    }

    private RunConfiguration configuration(Case each, String... more) {
        Mesh mesh = each.mesh();
        Stream<String> settings = Stream.of(
                "parallel.data=" + mesh.data(),
                "parallel.context=" + mesh.context(),
                "parallel.head=" + mesh.head(),
                "parallel.tensor=" + mesh.tensor(),
                "zero.stage=" + each.stage(),
                "memory.offload.optimizer=" + each.offload(),
                "memory.offload.parameters=" + each.offload(),
                "memory.offload.activations=" + each.offload(),
                "train.precision=" + each.precision(),
                "train.micro-batch=" + each.microBatch(),
                "train.accumulation=2",
                "train.validation.every=0",
                "model.position=learned",
                "model.layers=2",
                "model.hidden=32",
                "model.heads=4",
                "data.sequence-length=22");
        return runs.configuration(
                "run " + each, Stream.concat(settings, Stream.of(more)).toArray(String[]::new));
    }
}
