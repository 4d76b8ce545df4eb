package io.longstrand.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.optim.AdamW;
import io.longstrand.optim.GradientClipping;
import io.longstrand.tensor.DataType;
import io.longstrand.zero.StateForm;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The model on every backend in BFLOAT16 against the float64 reference. Each number stored is off by up to a 256th part;
 * a tensor is held to the length of its error over its own length.
 */
class Bfloat16GoldenTest {
    private static final double LOGITS = 0.03;
    private static final double GRADIENTS = 0.06;

    /** Relative error of the loss of ten steps; a loss of three tokens, falling to a quarter, averages out least. */
    private static final double LOSS = 0.02;

    private static final StateForm FORM = StateForm.resident(DataType.BFLOAT16);

    static Stream<Arguments> backendsAndVariants() {
        return GoldenTest.backends()
                .flatMap(backend -> GoldenVariant.all().stream().map(variant -> Arguments.of(backend, variant)));
    }

    @ParameterizedTest
    @MethodSource("backendsAndVariants")
    void logits_loss_and_every_gradient_are_near_the_reference(String backend, GoldenVariant variant) {
        RandomSequences data = variant.batch();
        try (GoldenModel model = new GoldenModel(backend, 2, variant.shape(), variant.rule(), data, FORM)) {
            ReferenceGpt.Result expected = data.run(new ReferenceGpt(variant.shape(), model.initialParameters()));

            double[] logits = Arrays.stream(model.gpt().logits(model.batch(), 0, data.tokens().length))
                    .flatMapToDouble(Bfloat16GoldenTest::widened)
                    .toArray();
            checkError(
                    "logits",
                    logits,
                    Arrays.stream(expected.logits())
                            .flatMapToDouble(Arrays::stream)
                            .toArray(),
                    LOGITS);
            double sum = Arrays.stream(expected.losses()).sum();
            LossSum trained = model.train();
            assertThat(trained.negativeLogLikelihood()).isCloseTo(sum, Offset.offset(LOSS * sum));
            assertThat(model.gpt().evaluate(model.batch())).isEqualTo(trained);
            expected.gradients()
                    .forEach((name, gradient) ->
                            checkError("gradient of " + name, model.gradient(name), gradient, GRADIENTS));
        }
    }

    @ParameterizedTest
    @MethodSource("backendsAndVariants")
    void ten_steps_lose_nearly_what_the_reference_loses(String backend, GoldenVariant variant) {
        RandomSequences data = variant.batch();
        AdamW.Settings settings = new AdamW.Settings(0.9, 0.95, 1e-8, 0.1);
        GradientClipping clipping = new GradientClipping(0.5);
        ReferenceAdamW reference = new ReferenceAdamW(0.9, 0.95, 1e-8, 0.1, 0.5);
        try (GoldenModel model = new GoldenModel(backend, 2, variant.shape(), variant.rule(), data, FORM)) {
            Map<String, double[]> parameters = model.initialParameters();
            for (long step = 1; step <= 10; step++) {
                ReferenceGpt.Result expected = data.run(new ReferenceGpt(variant.shape(), parameters));
                reference.step(step, 1e-3 * step, parameters, expected.gradients(), data.validLabels());
                double sum = Arrays.stream(expected.losses()).sum();
                assertThat(model.step(step, 1e-3 * step, settings, clipping).negativeLogLikelihood())
                        .as("loss of step %d", step)
                        .isCloseTo(sum, Offset.offset(LOSS * sum));
            }
        }
    }

    private static DoubleStream widened(float[] row) {
        return IntStream.range(0, row.length).mapToDouble(i -> row[i]);
    }

    private static void checkError(String what, double[] actual, double[] expected, double tolerance) {
        double error = 0;
        double length = 0;
        for (int i = 0; i < expected.length; i++) {
            error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            length += expected[i] * expected[i];
        }
        assertThat(Math.sqrt(error / length)).as(what).isLessThan(tolerance);
    }
}
