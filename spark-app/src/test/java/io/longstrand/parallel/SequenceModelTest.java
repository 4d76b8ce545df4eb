package io.longstrand.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.attention.CustomMasking;
import io.longstrand.attention.MaskRule;
import io.longstrand.attention.Masking;
import io.longstrand.comm.Crew;
import io.longstrand.comm.InMemory;
import io.longstrand.config.MemorySection.Recompute;
import io.longstrand.mesh.Mesh;
import io.longstrand.model.ActivationForm;
import io.longstrand.model.LossSum;
import io.longstrand.model.ModelShape;
import io.longstrand.model.ModelShape.MlpActivation;
import io.longstrand.model.ModelShape.Norm;
import io.longstrand.model.ModelShape.PositionKind;
import io.longstrand.model.RandomSequences;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A model whose sequences lie on several ranks equals the one that has them whole. */
class SequenceModelTest {
    /** Share of the largest magnitude of a tensor by which any of its elements may differ, in FLOAT32. */
    private static final double TOLERANCE = 2e-5;

    private static final int VOCABULARY = 19;
    private static final int LENGTH = 197; // no axis divides it
    private static final Mesh ALONE = new Mesh(1, 1, 1, 1);

    private static final Map<String, Masking> MASKS = new LinkedHashMap<>();

    static {
        MASKS.put("causal", new MaskRule.Causal());
        MASKS.put("document", new MaskRule.Document());
        MASKS.put("window", new MaskRule.Window(40));
        MASKS.put(
                "custom",
                CustomMasking.of(
                        (query, key, start) -> key <= query && key >= start && (query - key) % 3 != 1,
                        "rule",
                        1 << 14));
    }

    private static ModelShape shape(PositionKind position) {
        return new ModelShape(
                2, 32, 4, 2, 48, VOCABULARY, LENGTH, Norm.RMS, MlpActivation.SWIGLU, position, 10_000, true);
    }

    private static RandomSequences data() {
        return RandomSequences.draw(2, LENGTH, VOCABULARY, 9);
    }

    /** Layouts of two and four ranks. */
    static List<Mesh> layouts() {
        return List.of(
                new Mesh(1, 2, 1, 1),
                new Mesh(1, 4, 1, 1),
                new Mesh(1, 1, 2, 1),
                new Mesh(1, 1, 4, 1),
                new Mesh(1, 2, 2, 1));
    }

    static Stream<Arguments> layoutsAndMasks() {
        return layouts().stream().flatMap(mesh -> MASKS.keySet().stream().map(mask -> Arguments.of(mesh, mask)));
    }

    /** What ranks found out together. */
    private static final class Outcome {
        private final float[][] losses = new float[2][LENGTH];
        private final float[][] logits = new float[2 * LENGTH][];
        private final List<LossSum> sums = new ArrayList<>();
        private Map<String, double[]> gradients;
        private long pairs;

        private LossSum loss() {
            return sums.stream().reduce(LossSum.ZERO, LossSum::plus);
        }
    }

    private static Outcome run(
            Mesh mesh, ModelShape shape, Masking masking, RandomSequences data, ActivationForm form) {
        Outcome outcome = new Outcome();
        try (Crew crew = new Crew(InMemory.worlds(mesh.world(), Duration.ofSeconds(20)))) {
            crew.run(world -> {
                try (SequenceModel model = new SequenceModel(world, mesh, shape, masking, data, form)) {
                    LossSum loss = model.train();
                    model.losses(outcome.losses);
                    Map<String, double[]> gradients = model.gradients();
                    model.logits(outcome.logits);
                    synchronized (outcome) {
                        outcome.sums.add(loss);
                        outcome.gradients = gradients;
                        outcome.pairs += model.pairs();
                    }
                }
            });
        }
        return outcome;
    }

    @ParameterizedTest
    @MethodSource("layoutsAndMasks")
    void logits_losses_and_every_gradient_equal_those_of_one_rank(Mesh mesh, String mask) {
        for (PositionKind position : PositionKind.values()) {
            ModelShape shape = shape(position);
            Outcome one = run(ALONE, shape, MASKS.get(mask), data(), ActivationForm.resident());
            Outcome many = run(mesh, shape, MASKS.get(mask), data(), ActivationForm.resident());
            assertThat(many.loss().validLabels()).isEqualTo(one.loss().validLabels());
            assertThat(many.loss().negativeLogLikelihood())
                    .isCloseTo(
                            one.loss().negativeLogLikelihood(),
                            Offset.offset(1e-5 * one.loss().negativeLogLikelihood()));
            near("losses", many.losses, one.losses);
            near("logits", many.logits, one.logits);
            assertThat(many.pairs).isEqualTo(one.pairs);
            one.gradients.forEach((name, gradient) -> near(name, many.gradients.get(name), gradient));
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void a_rerun_has_the_same_bits(Mesh mesh) {
        Outcome once = run(mesh, shape(PositionKind.ROTARY), MASKS.get("document"), data(), ActivationForm.resident());
        Outcome again = run(mesh, shape(PositionKind.ROTARY), MASKS.get("document"), data(), ActivationForm.resident());
        assertThat(again.logits).isDeepEqualTo(once.logits);
        once.gradients.forEach((name, gradient) ->
                assertThat(again.gradients.get(name)).as(name).isEqualTo(gradient));
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void what_is_computed_again_has_the_bits_of_what_is_kept(Mesh mesh) {
        Outcome kept = run(mesh, shape(PositionKind.ROTARY), MASKS.get("causal"), data(), ActivationForm.resident());
        for (Recompute recompute : Recompute.values()) {
            ActivationForm form = new ActivationForm(recompute, 0, OptionalInt.empty());
            Outcome again = run(mesh, shape(PositionKind.ROTARY), MASKS.get("causal"), data(), form);
            kept.gradients.forEach((name, gradient) -> assertThat(again.gradients.get(name))
                    .as("%s, %s", recompute, name)
                    .isEqualTo(gradient));
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void changing_the_first_document_leaves_the_logits_of_the_second_alone_to_the_bit(Mesh mesh) {
        int border = 83;
        RandomSequences first = twoDocuments(border, 3);
        RandomSequences other = twoDocuments(border, 5);
        ModelShape shape = shape(PositionKind.ROTARY);
        Outcome before = run(mesh, shape, new MaskRule.Document(), first, ActivationForm.resident());
        Outcome after = run(mesh, shape, new MaskRule.Document(), other, ActivationForm.resident());
        assertThat(Arrays.copyOfRange(after.logits, border, LENGTH))
                .isDeepEqualTo(Arrays.copyOfRange(before.logits, border, LENGTH));
        assertThat(after.logits[border - 1]).isNotEqualTo(before.logits[border - 1]);
    }

    /** @param shift added to the tokens of the first document of each sequence */
    private static RandomSequences twoDocuments(int border, int shift) {
        RandomSequences data = RandomSequences.draw(2, LENGTH, VOCABULARY, 0);
        for (int token = 0; token < data.tokens().length; token++) {
            int position = token % LENGTH;
            data.documentStart()[token] = position < border ? 0 : border;
            if (position < border) {
                data.tokens()[token] = (data.tokens()[token] + shift) % VOCABULARY;
            }
        }
        return data;
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void twenty_steps_follow_the_curve_of_one_rank(Mesh mesh) {
        double[] one = curve(ALONE);
        double[] many = curve(mesh);
        assertThat(one[19]).isLessThan(0.8 * one[0]);
        for (int step = 0; step < one.length; step++) {
            assertThat(many[step]).as("step %d", step).isCloseTo(one[step], Offset.offset(1e-4));
        }
    }

    private static double[] curve(Mesh mesh) {
        double[] losses = new double[20];
        try (Crew crew = new Crew(InMemory.worlds(mesh.world(), Duration.ofSeconds(20)))) {
            crew.run(world -> {
                try (SequenceModel model = new SequenceModel(
                        world,
                        mesh,
                        shape(PositionKind.ROTARY),
                        new MaskRule.Document(),
                        data(),
                        ActivationForm.resident())) {
                    for (int step = 0; step < losses.length; step++) {
                        double loss = model.step(step + 1);
                        if (world.rank() == 0) {
                            losses[step] = loss;
                        }
                    }
                }
            });
        }
        return losses;
    }

    @Test
    void ranks_that_hold_nothing_but_padding_take_part() {
        Mesh mesh = new Mesh(1, 2, 2, 1);
        RandomSequences few = new RandomSequences(2, 3, new int[6], new int[6], ones(6), new int[6]);
        Outcome one = run(ALONE, shape(PositionKind.LEARNED), new MaskRule.Causal(), few, ActivationForm.resident());
        Outcome many = run(mesh, shape(PositionKind.LEARNED), new MaskRule.Causal(), few, ActivationForm.resident());
        assertThat(many.loss().validLabels()).isEqualTo(6);
        one.gradients.forEach((name, gradient) -> near(name, many.gradients.get(name), gradient));
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static void near(String what, float[][] found, float[][] expected) {
        double most = 0;
        for (float[] row : expected) {
            for (float value : row) {
                most = Math.max(most, Math.abs(value));
            }
        }
        for (int row = 0; row < expected.length; row++) {
            for (int column = 0; column < expected[row].length; column++) {
                assertThat((double) found[row][column])
                        .as("%s, row %d, column %d", what, row, column)
                        .isCloseTo(expected[row][column], Offset.offset(TOLERANCE * most));
            }
        }
    }

    private static void near(String what, double[] found, double[] expected) {
        double most = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).as("%s, element %d", what, i).isCloseTo(expected[i], Offset.offset(TOLERANCE * most));
        }
    }
}
