package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.model.ParameterLayout;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What plans say of ZeRO's stages, against the formulas of Rajbhandari et al. 2020; other tests hold runs to plans. */
class StageFormulasTest {
    private static final double TOLERANCE = 0.01;
    private static final int MICRO_BATCHES = 2;

    @ParameterizedTest
    @CsvSource({
        // Bytes a parameter that every rank has, and bytes a parameter that one rank has.
        "fp32, 0, 16, 0",
        "fp32, 1, 8, 8",
        "fp32, 2, 4, 12",
        "fp32, 3, 0, 16",
        "bf16, 0, 18, 0",
        "bf16, 1, 6, 12",
        "bf16, 2, 2, 16",
        "bf16, 3, 0, 18"
    })
    void a_rank_holds_its_share_of_the_state(String precision, int stage, double replicated, double shared) {
        for (int ranks : new int[] {1, 2, 4, 7}) {
            TrainingMemory memory = memory(precision, stage, ranks, true);
            double parameters = new ParameterLayout(memory.shape()).learned();
            try (Backend backend = backend()) {
                MemoryPlan plan = memory.plan(backend);
                double state = Stream.of("parameters", "gradients", "optimizer state")
                        .mapToLong(owner -> plan.device().getOrDefault(owner, 0L))
                        .sum();
                double expected = replicated * parameters + shared * parameters / ranks;
                assertThat(state / expected).as("%d ranks", ranks).isCloseTo(1, within(TOLERANCE));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        // Times that gradients and that parameters are sent.
        "fp32, 0, 2, 0",
        "fp32, 1, 1, 1",
        "fp32, 2, 2, 1",
        "bf16, 1, 1, 1",
        "bf16, 2, 2, 1"
    })
    void a_rank_sends_gradients_and_parameters_as_often_as_the_stage_says(
            String precision, int stage, int gradients, int parameters) {
        for (int ranks : new int[] {2, 4, 7}) {
            TrainingMemory memory = memory(precision, stage, ranks, true);
            double count = new ParameterLayout(memory.shape()).learned();
            double expected = (4 * gradients + width(precision) * parameters) * count * (ranks - 1) / ranks;
            assertThat(sentBytes(memory) / expected).as("%d ranks", ranks).isCloseTo(1, within(TOLERANCE));
        }
    }

    @ParameterizedTest
    @CsvSource({"fp32, true", "bf16, true", "fp32, false", "bf16, false"})
    void in_stage_3_a_unit_is_sent_for_every_pass_that_needs_it_and_does_not_find_it(String precision, boolean tied) {
        for (int ranks : new int[] {2, 4, 7}) {
            TrainingMemory memory = memory(precision, 3, ranks, tied);
            ParameterLayout layout = new ParameterLayout(memory.shape());
            double count = layout.learned();
            // Losses are computed in between, so the head is used once. A tied head takes the room of the last block;
            // the
            // backward pass of embeddings alone needs no parameters.
            int last = layout.units() - 1;
            double once =
                    layout.unitElements(last) + (tied ? 0 : layout.unitElements(last - 1) + layout.unitElements(0));
            // The next forward pass finds the second of the two units that the backward pass used last.
            double found = layout.unitElements(1);
            double collected = MICRO_BATCHES * (2 * count - once) - (MICRO_BATCHES - 1) * found;
            double expected = (4 * MICRO_BATCHES * count + width(precision) * collected) * (ranks - 1) / ranks;
            assertThat(sentBytes(memory) / expected).as("%d ranks", ranks).isCloseTo(1, within(TOLERANCE));
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2", "3"})
    void one_rank_sends_nothing(int stage) {
        try (Backend backend = backend()) {
            assertThat(memory("fp32", stage, 1, true).communicationBytes(backend))
                    .isEmpty();
        }
    }

    private static Backend backend() {
        return new Backends().open("cpu", new BackendProvider.Options(1));
    }

    private static double width(String precision) {
        return precision.equals("fp32") ? 4 : 2;
    }

    private static double sentBytes(TrainingMemory memory) {
        try (Backend backend = backend()) {
            return memory.communicationBytes(backend).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    private static TrainingMemory memory(String precision, int stage, int ranks, boolean tied) {
        RunConfiguration configuration = new ConfigurationLoader()
                .load(
                        Optional.empty(),
                        List.of(
                                "model.layers=5",
                                "model.hidden=256",
                                "model.heads=4",
                                "data.sequence-length=64",
                                "train.micro-batch=1",
                                "train.accumulation=" + MICRO_BATCHES,
                                "train.precision=" + precision,
                                "model.tied=" + tied,
                                "zero.stage=" + stage,
                                "parallel.data=" + ranks));
        return new TrainingMemory(configuration, KmerTokenizer.kmer(3).vocabularySize());
    }
}
