package io.longstrand.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.attention.MaskRule;
import io.longstrand.comm.Communicator;
import io.longstrand.comm.Crew;
import io.longstrand.comm.InMemory;
import io.longstrand.comm.OperationKind;
import io.longstrand.comm.World;
import io.longstrand.config.MemorySection.Recompute;
import io.longstrand.mesh.Axis;
import io.longstrand.mesh.Mesh;
import io.longstrand.model.ActivationForm;
import io.longstrand.model.LossSum;
import io.longstrand.model.ModelShape;
import io.longstrand.model.ModelShape.MlpActivation;
import io.longstrand.model.ModelShape.Norm;
import io.longstrand.model.ModelShape.PositionKind;
import io.longstrand.model.RandomSequences;
import io.longstrand.model.Span;
import io.longstrand.tensor.DataType;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A model whose matrices are split over ranks equals the one on a single rank. */
class TensorLayoutTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Share of the largest magnitude of a tensor by which any of its elements may differ, in FLOAT32. */
    private static final double TOLERANCE = 2e-5;

    private static final int VOCABULARY = 19;
    private static final int LENGTH = 24;
    private static final int SEQUENCES = 2;

    /** A model and its data. */
    record Variant(String name, ModelShape shape, MaskRule rule) {
        RandomSequences data() {
            return RandomSequences.draw(SEQUENCES, LENGTH, VOCABULARY, rule instanceof MaskRule.Document ? 9 : 0);
        }

        @Override
        public String toString() {
            return name + ", " + rule;
        }
    }

    /** What ranks found out together. */
    private record Outcome(
            LossSum loss, LossSum evaluated, float[][] losses, double[][] logits, Map<String, double[]> gradients) {}

    static List<Variant> variants() {
        return Stream.of(new MaskRule.Causal(), new MaskRule.Document())
                .flatMap(rule -> Stream.of(
                        new Variant(
                                "GELU, layer norm, learned positions, tied",
                                shape(8, Norm.LAYER, MlpActivation.GELU, PositionKind.LEARNED, true),
                                rule),
                        new Variant(
                                "SwiGLU, RMS norm, rotary, untied",
                                shape(8, Norm.RMS, MlpActivation.SWIGLU, PositionKind.ROTARY, false),
                                rule),
                        new Variant(
                                "grouped queries",
                                shape(4, Norm.LAYER, MlpActivation.SWIGLU, PositionKind.LEARNED, false),
                                rule)))
                .toList();
    }

    private static ModelShape shape(
            int keyValueHeads, Norm norm, MlpActivation activation, PositionKind position, boolean tied) {
        return new ModelShape(
                2, 32, 8, keyValueHeads, 48, VOCABULARY, LENGTH, norm, activation, position, 10_000, tied);
    }

    static Stream<Arguments> variantsAndRanks() {
        return variants().stream().flatMap(variant -> Stream.of(2, 4).map(ranks -> Arguments.of(variant, ranks)));
    }

    @ParameterizedTest
    @MethodSource("variantsAndRanks")
    void logits_losses_and_every_gradient_equal_those_of_one_rank(Variant variant, int ranks) {
        ActivationForm form = ActivationForm.resident();
        check(run(variant, ranks, form, "cpu"), run(variant, 1, form, "cpu"));
    }

    @ParameterizedTest
    @MethodSource("variantsAndRanks")
    void a_rerun_has_the_same_bits(Variant variant, int ranks) {
        ActivationForm form = ActivationForm.resident();
        Outcome once = run(variant, ranks, form, "cpu");
        Outcome again = run(variant, ranks, form, "cpu");
        assertThat(again.loss()).isEqualTo(once.loss());
        assertThat(again.logits()).isDeepEqualTo(once.logits());
        once.gradients()
                .forEach((name, gradient) ->
                        assertThat(again.gradients().get(name)).as(name).isEqualTo(gradient));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void what_is_computed_again_has_the_bits_of_what_is_kept(Variant variant) {
        Outcome kept = run(variant, 2, ActivationForm.resident(), "cpu");
        for (Recompute recompute : Recompute.values()) {
            Outcome again = run(variant, 2, new ActivationForm(recompute, 0, OptionalInt.empty()), "cpu");
            assertThat(again.loss()).isEqualTo(kept.loss());
            kept.gradients()
                    .forEach((name, gradient) -> assertThat(again.gradients().get(name))
                            .as("%s, %s", recompute, name)
                            .isEqualTo(gradient));
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void tiles_that_cut_through_sequences_equal_one_rank(Variant variant) {
        ActivationForm tiles = new ActivationForm(Recompute.FULL, 10, OptionalInt.of(14));
        check(run(variant, 2, tiles, "cpu"), run(variant, 1, ActivationForm.resident(), "cpu"));
    }

    @Test
    void the_portable_backend_gives_the_same() {
        Variant variant = variants().get(0);
        ActivationForm form = ActivationForm.resident();
        check(run(variant, 2, form, "nd4j"), run(variant, 1, form, "cpu"));
    }

    @Test
    void mixed_precision_loses_what_one_rank_loses() {
        Variant variant = variants().get(1);
        double[] two = mixedLosses(variant, 2);
        double[] one = mixedLosses(variant, 1);
        for (double loss : two) {
            assertThat(loss).isCloseTo(one[0], Offset.offset(3e-3 * one[0]));
        }
    }

    private static double[] mixedLosses(Variant variant, int ranks) {
        double[] losses = new double[ranks];
        try (Crew crew = new Crew(InMemory.worlds(ranks, PATIENCE))) {
            crew.run(world -> {
                try (SplitModel model = model("cpu", variant, ActivationForm.resident(), DataType.BFLOAT16, world)) {
                    losses[world.rank()] = model.train().negativeLogLikelihood();
                }
            });
        }
        return losses;
    }

    @Test
    void each_of_two_ranks_keeps_half_of_the_activations() {
        Variant variant = variants().get(0);
        assertThat(activationBytes(variant, 2)).isEqualTo(activationBytes(variant, 1) / 2);
    }

    private static long activationBytes(Variant variant, int ranks) {
        long[] bytes = new long[ranks];
        try (Crew crew = new Crew(InMemory.worlds(ranks, PATIENCE))) {
            crew.run(world -> {
                try (SplitModel model = model("cpu", variant, ActivationForm.resident(), DataType.FLOAT32, world)) {
                    model.train();
                    bytes[world.rank()] = model.deviceOwners().get("activations");
                }
            });
        }
        return bytes[ranks - 1];
    }

    @Test
    void a_layer_sends_what_the_formula_says() {
        long twoLayers = sent(2);
        long threeLayers = sent(3);
        long tokens = SEQUENCES * LENGTH;
        // 4Nh(P−1)/P forward and 6Nh(P−1)/P backward, of FLOAT32, on each of P = 2 ranks.
        assertThat(threeLayers - twoLayers).isEqualTo(10 * tokens * 32 / 2 * Float.BYTES);
    }

    private static long sent(int layers) {
        ModelShape shape = new ModelShape(
                layers,
                32,
                8,
                8,
                48,
                VOCABULARY,
                LENGTH,
                Norm.LAYER,
                MlpActivation.GELU,
                PositionKind.ROTARY,
                10_000,
                true);
        Variant variant = new Variant("deep", shape, new MaskRule.Causal());
        long[] sent = new long[2];
        try (Crew crew = new Crew(InMemory.worlds(2, PATIENCE))) {
            crew.run(world -> {
                try (SplitModel model = model("cpu", variant, ActivationForm.resident(), DataType.FLOAT32, world)) {
                    model.train();
                    sent[world.rank()] = world.traffic()
                                    .get(OperationKind.ALL_GATHER)
                                    .bytesSent()
                            + world.traffic().get(OperationKind.REDUCE_SCATTER).bytesSent();
                }
            });
        }
        assertThat(sent[0]).isEqualTo(sent[1]);
        return sent[0];
    }

    private static Outcome run(Variant variant, int ranks, ActivationForm form, String backend) {
        LossSum[] trained = new LossSum[ranks];
        LossSum[] evaluated = new LossSum[ranks];
        float[][][] losses = new float[ranks][SEQUENCES][];
        double[][] logits = new double[SEQUENCES * LENGTH][VOCABULARY];
        Map<String, double[]> gradients = new LinkedHashMap<>();
        List<Map<String, double[]>> parts = Arrays.asList(new Map[ranks]);
        try (Crew crew = new Crew(InMemory.worlds(ranks, PATIENCE))) {
            crew.run(world -> {
                try (SplitModel model = model(backend, variant, form, DataType.FLOAT32, world)) {
                    int rank = world.rank();
                    join(logits, model.vocabulary(), model.logits());
                    evaluated[rank] = model.evaluate();
                    trained[rank] = model.train();
                    for (int sequence = 0; sequence < SEQUENCES; sequence++) {
                        losses[rank][sequence] = model.losses(sequence);
                    }
                    parts.set(rank, model.gradients());
                }
            });
        }
        assertThat(trained).as("losses of all ranks").containsOnly(trained[0]);
        assertThat(evaluated).as("losses of all ranks").containsOnly(evaluated[0]);
        // Ranks hold different elements, or add up different rows.
        for (Map<String, double[]> part : parts) {
            part.forEach((name, values) -> gradients.merge(name, values, TensorLayoutTest::plus));
        }
        return new Outcome(trained[0], evaluated[0], losses[0], logits, gradients);
    }

    private static SplitModel model(String backend, Variant variant, ActivationForm form, DataType type, World world) {
        return new SplitModel(backend, variant.shape(), variant.rule(), variant.data(), form, type, along(world));
    }

    private static Communicator along(World world) {
        return world.along(new Mesh(1, 1, 1, world.size()), Set.of(Axis.TENSOR));
    }

    private static void join(double[][] all, Span vocabulary, float[][] part) {
        for (int token = 0; token < all.length; token++) {
            for (int id = 0; id < vocabulary.count(); id++) {
                all[token][(int) vocabulary.from() + id] = part[token][id];
            }
        }
    }

    private static double[] plus(double[] left, double[] right) {
        double[] sum = new double[left.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = left[i] + right[i];
        }
        return sum;
    }

    private static void check(Outcome actual, Outcome expected) {
        assertThat(actual.evaluated()).isEqualTo(actual.loss());
        assertThat(actual.loss().validLabels()).isEqualTo(expected.loss().validLabels());
        double loss = expected.loss().negativeLogLikelihood();
        assertThat(actual.loss().negativeLogLikelihood()).isCloseTo(loss, Offset.offset(1e-6 * loss));
        for (int sequence = 0; sequence < SEQUENCES; sequence++) {
            for (int position = 0; position < LENGTH; position++) {
                assertThat(actual.losses()[sequence][position])
                        .as("loss of token %d of sequence %d", position, sequence)
                        .isCloseTo(expected.losses()[sequence][position], Offset.offset(1e-4f));
            }
        }
        for (int token = 0; token < expected.logits().length; token++) {
            checkClose("logits of token " + token, actual.logits()[token], expected.logits()[token]);
        }
        assertThat(actual.gradients().keySet()).isEqualTo(expected.gradients().keySet());
        expected.gradients()
                .forEach((name, gradient) -> checkClose(name, actual.gradients().get(name), gradient));
    }

    private static void checkClose(String what, double[] actual, double[] expected) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE * largest)) {
                throw new AssertionError(what + ": element " + i + " is " + actual[i] + " instead of " + expected[i]
                        + " (largest " + largest + ")");
            }
        }
    }
}
