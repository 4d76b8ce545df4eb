package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.attention.CustomMask;
import io.longstrand.config.RunConfiguration;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.DelayedBackend;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Nothing relies on a copy, a file or a message to be as fast as it usually is: steps give the same bits when each of
 * them comes late, by another time on every run.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DelayedCopiesTest {
    private static final int STEPS = 3;

    @TempDir
    static Path directory;

    private TinyRun runs;

    /** A query sees itself and the first key. */
    public static final class OwnAndFirst implements CustomMask {
        @Override
        public boolean visible(int query, int key, int documentStart) {
            return key == query || key == 0;
        }
    }

    @BeforeAll
    void prepare() throws IOException {
        runs = new TinyRun(directory, 120);
    }

    @Test
    void who_does_not_wait_reads_something_else() {
        try (Backend backend = new DelayedBackend(new Backends().open("cpu", new BackendProvider.Options(1)), 1);
                Arena device = new Arena(backend, Place.DEVICE, 4096);
                Arena host = new Arena(backend, Place.HOST, 4096)) {
            Tensor source = device.allocate("test", DataType.FLOAT32, 2, 8);
            Tensor target = host.allocate("test", DataType.FLOAT32, 2, 8);
            CopyStream copies = backend.openCopyStream();
            boolean early = false;
            for (int turn = 1; turn <= 100; turn++) {
                backend.kernels().fill(source, turn);
                CopyStream.Event arrived = copies.copy(source, target);
                // What was there before, or no number: as far as the copy has come.
                early |= target.hostBytes().getFloat(60) != turn;
                copies.finish(arrived);
                assertThat(target.hostBytes().getFloat(60)).isEqualTo(turn);
            }
            assertThat(early).isTrue();
        }
    }

    static Stream<Arguments> levers() {
        return Stream.of(
                        List.<String>of(),
                        List.of("memory.offload.optimizer=host"),
                        List.of("memory.offload.parameters=host"),
                        List.of("memory.offload.parameters=host", "model.tied=false", "train.precision=bf16"),
                        List.of("memory.offload.activations=host"),
                        List.of("memory.offload.activations=disk"),
                        List.of("memory.offload.activations=host", "memory.recompute=attention"),
                        List.of("memory.offload.activations=disk", "memory.recompute=full"),
                        List.of("attention.mask.kind=window", "attention.mask.placement=host"),
                        List.of("attention.mask.kind=document", "attention.mask.placement=host", "run.threads=2"),
                        List.of(
                                "attention.mask.kind=custom",
                                "attention.mask.rule=" + OwnAndFirst.class.getName(),
                                "attention.mask.placement=host"),
                        List.of(
                                "memory.offload.optimizer=host",
                                "memory.offload.parameters=host",
                                "memory.offload.activations=disk",
                                "memory.recompute=attention+mlp",
                                "attention.mask.kind=document",
                                "attention.mask.placement=host",
                                "train.precision=bf16",
                                "run.threads=2"))
                .map(Arguments::of);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("levers")
    void late_copies_change_no_bit(List<String> settings) {
        assertSameBits(configuration(settings));
    }

    static Stream<Arguments> ranks() {
        List<List<String>> meshes = List.of(
                List.of("parallel.data=2"),
                List.of("parallel.context=2"),
                List.of("parallel.context=4", "attention.mask.kind=document"),
                List.of("parallel.head=2"),
                List.of("parallel.tensor=2"),
                List.of("parallel.context=2", "parallel.head=2", "attention.mask.placement=host"));
        List<String> offload = List.of(
                "memory.offload.optimizer=host", "memory.offload.parameters=host", "memory.offload.activations=host");
        return meshes.stream()
                .flatMap(mesh -> Stream.of(0, 1, 2, 3).flatMap(stage -> Stream.of(List.<String>of(), offload)
                        .map(levers -> Arguments.of(Stream.of(mesh, List.of("zero.stage=" + stage), levers)
                                .flatMap(List::stream)
                                .toList()))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ranks")
    void late_copies_and_messages_change_no_bit(List<String> settings) {
        assertSameBits(configuration(settings));
    }

    private static void assertSameBits(RunConfiguration configuration) {
        TinyRanks.Outcome prompt = TinyRanks.train(configuration, STEPS);
        TinyRanks.Outcome late = TinyRanks.trainLate(configuration, STEPS, System.nanoTime());
        late.assertBegins(prompt);
        late.assertSameBits("late", prompt);
    }

    private RunConfiguration configuration(List<String> settings) {
        return runs.configuration(
                "run",
                Stream.concat(
                                Stream.of(
                                        "train.micro-batch=2",
                                        "train.accumulation=2",
                                        "model.position=learned",
                                        "model.layers=4",
                                        "model.hidden=32",
                                        "model.heads=4",
                                        "data.sequence-length=22",
                                        "memory.offload.directory=" + directory),
                                settings.stream())
                        .toArray(String[]::new));
    }
}
