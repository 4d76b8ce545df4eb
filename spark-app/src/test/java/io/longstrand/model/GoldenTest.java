package io.longstrand.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.attention.AttentionForm;
import io.longstrand.optim.AdamW;
import io.longstrand.optim.GradientClipping;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.zero.StateForm;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The model on every backend, in FLOAT32, against the float64 reference. */
class GoldenTest {
    /** Share of the largest magnitude of a tensor by which any of its elements may be wrong. */
    private static final double LOGITS = 2e-5;

    private static final double GRADIENTS = 1e-4;

    /** Relative error of the loss of ten steps. */
    private static final double LOSS = 2e-5;

    private static final int VOCABULARY = GoldenVariant.VOCABULARY;
    private static final StateForm FORM = StateForm.resident(DataType.FLOAT32);

    static Stream<String> backends() {
        return new Backends()
                .providers().stream()
                        .filter(provider -> provider.unavailable().isEmpty())
                        .map(BackendProvider::name)
                        .sorted();
    }

    static Stream<Arguments> backendsAndVariants() {
        return backends()
                .flatMap(backend -> GoldenVariant.all().stream().map(variant -> Arguments.of(backend, variant)));
    }

    @ParameterizedTest
    @MethodSource("backendsAndVariants")
    void logits_losses_and_every_gradient_equal_the_reference(String backend, GoldenVariant variant) {
        RandomSequences data = variant.batch();
        try (GoldenModel model = new GoldenModel(backend, 2, variant.shape(), variant.rule(), data, FORM)) {
            ReferenceGpt.Result expected = data.run(new ReferenceGpt(variant.shape(), model.initialParameters()));

            float[][] logits = model.gpt().logits(model.batch(), 0, data.tokens().length);
            double largest = Arrays.stream(expected.logits())
                    .flatMapToDouble(Arrays::stream)
                    .map(Math::abs)
                    .max()
                    .orElseThrow();
            for (int token = 0; token < logits.length; token++) {
                for (int id = 0; id < VOCABULARY; id++) {
                    assertThat((double) logits[token][id])
                            .as("logit of token %d, id %d", token, id)
                            .isCloseTo(expected.logits()[token][id], Offset.offset(LOGITS * largest));
                }
            }

            LossSum evaluated = model.gpt().evaluate(model.batch());
            checkLosses(model, data, expected, evaluated);
            LossSum trained = model.train();
            checkLosses(model, data, expected, trained);
            assertThat(trained).isEqualTo(evaluated);
            expected.gradients().forEach((name, gradient) -> checkGradient(name, model.gradient(name), gradient));
        }
    }

    static void checkLosses(GoldenModel model, RandomSequences data, ReferenceGpt.Result expected, LossSum loss) {
        assertThat(loss.validLabels()).isEqualTo(data.validLabels());
        double sum = Arrays.stream(expected.losses()).sum();
        assertThat(loss.negativeLogLikelihood()).isCloseTo(sum, Offset.offset(LOSS * sum));
        for (int sequence = 0; sequence < data.sequences(); sequence++) {
            float[] losses = model.batch().losses(sequence);
            for (int position = 0; position < data.length(); position++) {
                assertThat((double) losses[position])
                        .isCloseTo(expected.losses()[sequence * data.length() + position], Offset.offset(1e-4));
            }
        }
    }

    static void checkGradient(String name, double[] actual, double[] expected) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i])
                    .as("gradient of %s, element %d", name, i)
                    .isCloseTo(expected[i], Offset.offset(GRADIENTS * largest));
        }
    }

    @ParameterizedTest
    @MethodSource("backendsAndVariants")
    void naive_attention_gives_the_losses_and_gradients_of_the_reference(String backend, GoldenVariant variant) {
        RandomSequences data = variant.batch();
        try (GoldenModel model = new GoldenModel(
                backend,
                2,
                variant.shape(),
                variant.rule(),
                data,
                FORM,
                ActivationForm.resident(),
                AttentionForm.NAIVE)) {
            ReferenceGpt.Result expected = data.run(new ReferenceGpt(variant.shape(), model.initialParameters()));
            checkLosses(model, data, expected, model.train());
            expected.gradients().forEach((name, gradient) -> checkGradient(name, model.gradient(name), gradient));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void gradients_of_several_micro_batches_add_up(String backend) {
        GoldenVariant variant = GoldenVariant.all().get(1);
        try (GoldenModel model = new GoldenModel(backend, 2, variant.shape(), variant.rule(), variant.batch(), FORM)) {
            model.train();
            double[] once = model.gradient("block.0.mlp.up.weight");
            model.train();
            double[] twice = model.gradient("block.0.mlp.up.weight");
            checkGradient(
                    "block.0.mlp.up.weight",
                    twice,
                    Arrays.stream(once).map(value -> 2 * value).toArray());
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void a_pass_gives_back_all_memory_it_took(String backend) {
        GoldenVariant variant = GoldenVariant.all().get(0);
        try (GoldenModel model = new GoldenModel(backend, 1, variant.shape(), variant.rule(), variant.batch(), FORM)) {
            long before = model.deviceBytes();
            model.train();
            model.gpt().evaluate(model.batch());
            model.gpt().logits(model.batch(), 5, 6);
            assertThat(model.deviceBytes()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void two_threads_give_the_bits_of_one(String backend) {
        GoldenVariant variant = GoldenVariant.all().get(2);
        try (GoldenModel one = new GoldenModel(backend, 1, variant.shape(), variant.rule(), variant.batch(), FORM);
                GoldenModel two = new GoldenModel(backend, 2, variant.shape(), variant.rule(), variant.batch(), FORM)) {
            assertThat(two.train()).isEqualTo(one.train());
            for (Parameter parameter : new ParameterLayout(variant.shape()).parameters()) {
                assertThat(two.gradient(parameter.name()))
                        .as(parameter.name())
                        .isEqualTo(one.gradient(parameter.name()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backendsAndVariants")
    void ten_steps_lose_what_the_reference_loses(String backend, GoldenVariant variant) {
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
}
