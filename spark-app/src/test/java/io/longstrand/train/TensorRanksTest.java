package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.config.RunConfiguration;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.model.ParameterLayout;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.train.TinyRanks.Outcome;
import io.longstrand.train.TinyRun.RecordingDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Ranks that share every matrix train the model that one rank trains. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TensorRanksTest {
    /** Of a parameter's largest gradient: sums in another order, in FLOAT32. */
    private static final double GRADIENT_TOLERANCE = 3e-5;

    private static final double CURVE_TOLERANCE = 1e-4;
    private static final int STEPS = 20;
    private static final int SEQUENCES = 4;

    /** Padded wherever four ranks share a sequence. */
    private static final int LENGTH = 22;

    /** What distinguishes the models. */
    private static final Map<String, String[]> MODELS = Map.of(
            "GELU, learned positions",
            new String[] {"model.activation=gelu", "model.position=learned", "model.norm=layer", "model.tied=true"},
            "SwiGLU, grouped queries",
            new String[] {"model.activation=swiglu", "model.kv-heads=4", "model.norm=rms", "model.tied=false"});

    /** Sizes of the axes, ZeRO stage and where state and activations go. */
    private record Ranks(int tensor, int data, int context, int head, int stage, String offload) {
        private static final Ranks ONE = new Ranks(1, 1, 1, 1, 0, "none");
    }

    @TempDir
    static Path directory;

    private final Map<String, Outcome> ofOneRank = new HashMap<>();
    private TinyRun runs;

    @BeforeAll
    void prepare() throws IOException {
        runs = new TinyRun(directory);
    }

    static Stream<Arguments> layouts() {
        return MODELS.keySet().stream().sorted().flatMap(model -> Stream.of("causal", "document")
                .flatMap(mask -> Stream.of(
                                new Ranks(2, 1, 1, 1, 0, "none"),
                                new Ranks(4, 1, 1, 1, 1, "host"),
                                new Ranks(2, 2, 1, 1, 0, "host"),
                                new Ranks(2, 2, 1, 1, 1, "none"),
                                new Ranks(2, 2, 1, 1, 2, "none"),
                                new Ranks(2, 2, 1, 1, 3, "host"),
                                new Ranks(2, 1, 2, 1, 0, "none"),
                                new Ranks(2, 1, 2, 1, 3, "none"),
                                new Ranks(2, 1, 1, 2, 1, "none"),
                                new Ranks(2, 1, 1, 2, 2, "host"))
                        .map(ranks -> Arguments.of(model, mask, ranks))));
    }

    @ParameterizedTest(name = "{0}, {1} mask, {2}")
    @MethodSource("layouts")
    void ranks_follow_the_curve_of_one_and_with_documents_again_bit_for_bit(String model, String mask, Ranks ranks) {
        Outcome one = ofOneRank.computeIfAbsent(
                model + mask, kind -> TinyRanks.train(configuration(model, mask, Ranks.ONE), STEPS));
        RunConfiguration configuration = configuration(model, mask, ranks);

        Outcome many = TinyRanks.train(configuration, STEPS);

        double first = one.losses().get(0);
        many.assertFollows(one, new ParameterLayout(memory(configuration, 0).shape()), GRADIENT_TOLERANCE);
        assertThat(Collections.min(one.losses())).as("losses %s", one.losses()).isLessThan(first - 0.01);
        many.assertSentAsPlanned();
        if (mask.equals("document")) {
            TinyRanks.train(configuration, STEPS).assertSameBits("again", many);
        }
    }

    @Test
    void a_checkpoint_of_tensor_ranks_goes_on_in_any_other_layout_on_the_curve_of_one_rank() throws IOException {
        String model = MODELS.keySet().stream().sorted().findFirst().orElseThrow();
        RecordingDriver alone = new RecordingDriver();
        TrainingOutcome expected = TinyRun.train(relay("alone", model, Ranks.ONE), alone);
        List<Double> losses = new ArrayList<>();

        leg(relay("relay", model, new Ranks(2, 1, 1, 1, 0, "none")), 3, losses);
        leg(relay("relay", model, new Ranks(1, 2, 1, 1, 3, "none")), 7, losses);
        leg(relay("relay", model, new Ranks(4, 1, 1, 1, 0, "none")), 10, losses);
        leg(relay("relay", model, new Ranks(2, 1, 2, 1, 2, "none")), 15, losses);
        TrainingOutcome outcome = leg(relay("relay", model, Ranks.ONE), STEPS, losses);

        assertThat(losses).hasSize(STEPS);
        for (int step = 0; step < STEPS; step++) {
            assertThat(losses.get(step))
                    .as("loss of step %d", step + 1)
                    .isCloseTo(alone.losses().get(step), within(CURVE_TOLERANCE));
        }
        assertThat(outcome.validation().bitsPerBase())
                .isCloseTo(expected.validation().bitsPerBase(), within(CURVE_TOLERANCE));
    }

    /** Goes on until so many steps are done. */
    private static TrainingOutcome leg(RunConfiguration configuration, long until, List<Double> losses) {
        RecordingDriver driver = new RecordingDriver(step -> step == until ? StopAnswer.STOP : StopAnswer.GO_ON);
        List<TrainingOutcome> outcomes = TinyRun.trainTogether(configuration, driver);
        losses.addAll(driver.losses());
        return outcomes.get(0);
    }

    @ParameterizedTest
    @CsvSource({"2, fp32", "4, fp32", "2, bf16"})
    void a_layer_sends_what_the_formula_says(int ranks, String precision) {
        long hidden = 64;
        long tokens = SEQUENCES * (long) (ranks == 4 ? 24 : LENGTH);
        long width = precision.equals("fp32") ? 4 : 2;
        // 4Nh(P−1)/P forward and 6Nh(P−1)/P backward; sums and slices of norms' and biases' gradients aside.
        long expected = 10 * tokens * hidden * (ranks - 1) / ranks * width;
        long layer = layerBytes(ranks, precision, 5) - layerBytes(ranks, precision, 4);
        long replicated = 6 * hidden * 4 * 2 * (ranks - 1) / ranks;
        assertThat(layer - replicated).isCloseTo(expected, within(expected / 100));
    }

    private long layerBytes(int ranks, String precision, int layers) {
        String model = MODELS.keySet().stream().sorted().findFirst().orElseThrow();
        RunConfiguration configuration = runs.configuration(
                "plan",
                Stream.concat(
                                settings(model, "causal", new Ranks(ranks, 1, 1, 1, 0, "none")),
                                Stream.of("model.layers=" + layers, "train.precision=" + precision))
                        .toArray(String[]::new));
        try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(1))) {
            return memory(configuration, 0).communicationBytes(backend).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    @ParameterizedTest
    @CsvSource({"2", "4"})
    void a_rank_holds_its_share_of_the_state(int ranks) {
        String model = MODELS.keySet().stream().sorted().findFirst().orElseThrow();
        double share = stateBytes(configuration(model, "causal", new Ranks(ranks, 1, 1, 1, 0, "none")));
        double whole = stateBytes(configuration(model, "causal", Ranks.ONE));
        // Norms and the biases of sums are on every rank.
        assertThat(share / whole * ranks).isBetween(1.0, 1.1);
    }

    private static double stateBytes(RunConfiguration configuration) {
        try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(1))) {
            Map<String, Long> device = memory(configuration, 0).plan(backend).device();
            return Stream.of("parameters", "gradients", "optimizer state")
                    .mapToLong(owner -> device.getOrDefault(owner, 0L))
                    .sum();
        }
    }

    private static TrainingMemory memory(RunConfiguration configuration, int rank) {
        return new TrainingMemory(configuration, KmerTokenizer.kmer(3).vocabularySize(), rank);
    }

    private RunConfiguration configuration(String model, String mask, Ranks ranks) {
        return runs.configuration("run", settings(model, mask, ranks).toArray(String[]::new));
    }

    private RunConfiguration relay(String run, String model, Ranks ranks) {
        return runs.configuration(
                run,
                Stream.concat(settings(model, "causal", ranks), Stream.of("train.steps=" + STEPS))
                        .toArray(String[]::new));
    }

    private static Stream<String> settings(String model, String mask, Ranks ranks) {
        Stream<String> layout = Stream.of(
                "parallel.tensor=" + ranks.tensor(),
                "parallel.data=" + ranks.data(),
                "parallel.context=" + ranks.context(),
                "parallel.head=" + ranks.head(),
                "zero.stage=" + ranks.stage(),
                "memory.offload.optimizer=" + ranks.offload(),
                "memory.offload.parameters=" + ranks.offload(),
                "memory.offload.activations=" + ranks.offload(),
                "train.micro-batch=2",
                "train.accumulation=" + SEQUENCES / 2 / ranks.data(),
                "model.layers=2",
                "model.hidden=64",
                "model.heads=8",
                "data.sequence-length=" + LENGTH,
                "attention.mask.kind=" + mask);
        return Stream.concat(layout, Stream.of(MODELS.get(model)));
    }
}
