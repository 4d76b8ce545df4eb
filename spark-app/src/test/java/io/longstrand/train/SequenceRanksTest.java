package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.config.RunConfiguration;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.model.ParameterLayout;
import io.longstrand.train.TinyRanks.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ranks that share every sequence train the model that one rank trains, under every stage of ZeRO. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SequenceRanksTest {
    /** Of a parameter's largest gradient: sums over tokens in another order, in FLOAT32. */
    private static final double GRADIENT_TOLERANCE = 2e-5;

    private static final int STEPS = 20;
    private static final int SEQUENCES = 4;

    @TempDir
    static Path directory;

    private final Map<String, Outcome> ofOneRank = new HashMap<>();
    private TinyRun runs;
    private ParameterLayout layout;

    @BeforeAll
    void prepare() throws IOException {
        runs = new TinyRun(directory);
        layout = new ParameterLayout(new TrainingMemory(
                        configuration(1, 1, 1, 0, "none", "causal"),
                        KmerTokenizer.kmer(3).vocabularySize())
                .shape());
    }

    private record Axes(int data, int context, int head) {
        @Override
        public String toString() {
            return data + " x " + context + " x " + head;
        }
    }

    static Stream<Arguments> layouts() {
        return Stream.of(
                        new Axes(1, 2, 1),
                        new Axes(1, 4, 1),
                        new Axes(1, 1, 2),
                        new Axes(1, 1, 4),
                        new Axes(1, 2, 2),
                        new Axes(2, 2, 1),
                        new Axes(2, 1, 2))
                .flatMap(axes -> Stream.of(0, 1, 2, 3).flatMap(stage -> Stream.of("causal", "document")
                        .map(mask -> Arguments.of(axes, stage, stage % 2 == 0 ? "none" : "host", mask))));
    }

    @ParameterizedTest(name = "{0} ranks (data x context x head), ZeRO stage {1}, offload {2}, {3} mask")
    @MethodSource("layouts")
    void ranks_follow_the_curve_of_one_and_send_what_is_planned(Axes axes, int stage, String offload, String mask) {
        Outcome one = ofOneRank.computeIfAbsent(
                mask, kind -> TinyRanks.train(configuration(1, 1, 1, 0, "none", kind), STEPS));

        Outcome many =
                TinyRanks.train(configuration(axes.data(), axes.context(), axes.head(), stage, offload, mask), STEPS);

        many.assertFollows(one, layout, GRADIENT_TOLERANCE);
        assertThat(one.losses().get(STEPS - 1)).isLessThan(one.losses().get(0) - 0.1);
        if (mask.equals("causal")) {
            many.assertSentAsPlanned();
        }
        if (stage == 3) {
            TinyRanks.train(configuration(axes.data(), axes.context(), axes.head(), stage, offload, mask), STEPS)
                    .assertSameBits("again", many);
        }
    }

    private RunConfiguration configuration(int data, int context, int head, int stage, String offload, String mask) {
        return runs.configuration(
                "run",
                "parallel.data=" + data,
                "parallel.context=" + context,
                "parallel.head=" + head,
                "train.micro-batch=1",
                "train.accumulation=" + SEQUENCES / data,
                "zero.stage=" + stage,
                "model.layers=2",
                "model.heads=4",
                "data.sequence-length=53",
                "memory.offload.optimizer=" + offload,
                "memory.offload.parameters=" + offload,
                "memory.offload.activations=" + offload,
                "attention.mask.kind=" + mask);
    }
}
