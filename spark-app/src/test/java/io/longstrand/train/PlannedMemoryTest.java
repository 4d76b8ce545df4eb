package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.attention.CustomMask;
import io.longstrand.config.RunConfiguration;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.train.TinyRun.RecordingDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PlannedMemoryTest {
    /** A query sees itself and the first key. */
    public static final class OwnAndFirst implements CustomMask {
        @Override
        public boolean visible(int query, int key, int documentStart) {
            return key == query || key == 0;
        }
    }

    @TempDir
    Path directory;

    static Stream<Arguments> levers() {
        return Stream.of(
                        List.<String>of(),
                        List.of("train.precision=bf16"),
                        List.of("memory.offload.optimizer=host"),
                        List.of("memory.offload.parameters=host"),
                        List.of(
                                "memory.offload.optimizer=host",
                                "memory.offload.parameters=host",
                                "train.precision=bf16"),
                        List.of("memory.recompute=attention"),
                        List.of("memory.recompute=attention+mlp", "train.precision=bf16"),
                        List.of("memory.recompute=full", "model.layers=3"),
                        List.of(
                                "memory.recompute=full",
                                "memory.offload.optimizer=host",
                                "memory.offload.parameters=host",
                                "train.precision=bf16"),
                        List.of("memory.offload.activations=host", "model.layers=2"),
                        List.of("memory.offload.activations=host", "model.layers=5"),
                        List.of("memory.offload.activations=disk", "model.layers=5"),
                        List.of(
                                "memory.offload.activations=host",
                                "memory.recompute=full",
                                "memory.offload.optimizer=host",
                                "memory.offload.parameters=host",
                                "train.precision=bf16",
                                "model.layers=4"),
                        List.of("memory.offload.activations=disk", "memory.recompute=attention", "model.layers=4"),
                        List.of("memory.mlp-tile=5", "memory.loss-tile=7"),
                        List.of("memory.loss-tile=0", "model.activation=swiglu"),
                        List.of(
                                "memory.mlp-tile=16",
                                "memory.loss-tile=16",
                                "memory.offload.activations=disk",
                                "memory.recompute=full",
                                "memory.offload.optimizer=host",
                                "memory.offload.parameters=host",
                                "train.precision=bf16",
                                "model.activation=swiglu",
                                "model.layers=4"),
                        List.of("attention.mask.kind=document"),
                        List.of("attention.mask.kind=window", "attention.mask.placement=host"),
                        List.of(
                                "attention.mask.kind=custom",
                                "attention.mask.rule=" + OwnAndFirst.class.getName(),
                                "attention.mask.placement=host"),
                        List.of("run.threads=2", "attention.mask.kind=window", "attention.mask.placement=host"),
                        List.of("attention.kernel=naive"),
                        List.of("model.norm=rms", "model.activation=swiglu", "model.kv-heads=1"))
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("levers")
    void what_is_planned_is_the_peak_of_the_run(List<String> settings) throws IOException {
        RunConfiguration configuration = new TinyRun(directory)
                .configuration(
                        "run",
                        Stream.concat(settings.stream(), Stream.of("backend=cpu", "train.steps=2"))
                                .toArray(String[]::new));
        int threads = configuration.run().threads().orElse(1);
        MemoryPlan plan;
        try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(threads))) {
            plan = new TrainingMemory(configuration, KmerTokenizer.kmer(3).vocabularySize()).plan(backend);
        }

        TrainingOutcome outcome = TinyRun.train(configuration, new RecordingDriver());

        assertThat(outcome.deviceBytes().planned()).isEqualTo(plan.deviceBytes());
        assertThat(outcome.deviceBytes().peak()).isEqualTo(plan.deviceBytes());
        assertThat(outcome.hostBytes().planned()).isEqualTo(plan.hostBytes());
        assertThat(outcome.hostBytes().peak()).isEqualTo(plan.hostBytes());
    }

    @ParameterizedTest
    @CsvSource({"0, none", "1, none", "2, none", "3, none", "0, host", "1, host", "2, host", "3, host"})
    void what_is_planned_for_a_rank_is_its_peak_in_every_stage(int stage, String offload) throws IOException {
        for (String precision : List.of("fp32", "bf16")) {
            RunConfiguration configuration = new TinyRun(directory)
                    .configuration(
                            precision,
                            "backend=cpu",
                            "train.steps=2",
                            "train.precision=" + precision,
                            "model.layers=3",
                            "parallel.data=2",
                            "zero.stage=" + stage,
                            "memory.offload.optimizer=" + offload,
                            "memory.offload.parameters=" + offload,
                            "memory.offload.activations=" + offload);

            List<TrainingOutcome> outcomes = TinyRun.trainTogether(configuration, new RecordingDriver());

            assertThat(outcomes).allSatisfy(outcome -> {
                assertThat(outcome.deviceBytes().peak())
                        .isEqualTo(outcome.deviceBytes().planned());
                assertThat(outcome.hostBytes().peak())
                        .isEqualTo(outcome.hostBytes().planned());
            });
        }
    }
}
