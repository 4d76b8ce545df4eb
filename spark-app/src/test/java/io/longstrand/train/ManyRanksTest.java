package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.config.RunConfiguration;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.model.ParameterLayout;
import io.longstrand.train.TinyRanks.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Ranks that see different windows train the model that one rank trains. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManyRanksTest {
    /** Of a parameter's largest gradient: sums over tokens in another order, in FLOAT32. */
    private static final double GRADIENT_TOLERANCE = 2e-5;

    private static final int STEPS = 20;
    private static final int MICRO_BATCHES = 8;

    @TempDir
    static Path directory;

    private final Map<String, Outcome> ofOneRank = new HashMap<>();
    private TinyRun runs;
    private ParameterLayout layout;

    @BeforeAll
    void prepare() throws IOException {
        runs = new TinyRun(directory);
        layout = new ParameterLayout(new TrainingMemory(
                        configuration(1, 0, "none", "causal"),
                        KmerTokenizer.kmer(3).vocabularySize())
                .shape());
    }

    static Stream<Arguments> layouts() {
        return Stream.of(2, 4).flatMap(ranks -> Stream.of(0, 1, 2, 3)
                .flatMap(stage -> Stream.of("none", "host").flatMap(offload -> Stream.of("causal", "document")
                        .map(mask -> Arguments.of(ranks, stage, offload, mask)))));
    }

    @ParameterizedTest(name = "{0} ranks, ZeRO stage {1}, offload {2}, {3} mask")
    @MethodSource("layouts")
    void ranks_follow_the_curve_of_one_and_again_bit_for_bit(int ranks, int stage, String offload, String mask) {
        Outcome one =
                ofOneRank.computeIfAbsent(mask, kind -> TinyRanks.train(configuration(1, 0, "none", kind), STEPS));

        Outcome many = TinyRanks.train(configuration(ranks, stage, offload, mask), STEPS);

        many.assertFollows(one, layout, GRADIENT_TOLERANCE);
        assertThat(one.losses().get(STEPS - 1)).isLessThan(one.losses().get(0) - 0.1);
        many.assertSentAsPlanned();
        TinyRanks.train(configuration(ranks, stage, offload, mask), STEPS).assertSameBits("again", many);
    }

    @ParameterizedTest
    @CsvSource({
        "2, train.precision=fp32, model.tied=true",
        "3, train.precision=fp32, model.tied=false",
        "4, train.precision=bf16, model.tied=true",
        "2, train.precision=bf16, model.tied=false"
    })
    void with_one_micro_batch_a_step_all_stages_give_the_same_bits(int ranks, String precision, String tied) {
        String[] more = {"train.accumulation=1", precision, tied, "model.position=learned", "model.layers=4"};
        Outcome expected = TinyRanks.train(configuration(ranks, 0, "none", "causal", more), STEPS);

        for (int stage = 1; stage < 4; stage++) {
            for (String offload : List.of("none", "host")) {
                Outcome outcome = TinyRanks.train(configuration(ranks, stage, offload, "causal", more), STEPS);
                outcome.assertSameBits("stage " + stage + ", offload " + offload, expected);
            }
        }
    }

    private RunConfiguration configuration(int ranks, int stage, String offload, String mask, String... more) {
        Stream<String> settings = Stream.of(
                "parallel.data=" + ranks,
                "train.micro-batch=1",
                "train.accumulation=" + MICRO_BATCHES / ranks,
                "zero.stage=" + stage,
                "model.layers=3",
                "data.sequence-length=24",
                "memory.offload.optimizer=" + offload,
                "memory.offload.parameters=" + offload,
                "memory.offload.activations=" + offload,
                "attention.mask.kind=" + mask);
        return runs.configuration(
                "run", Stream.concat(settings, Stream.of(more)).toArray(String[]::new));
    }
}
