package io.longstrand.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.model.ModelShape.MlpActivation;
import io.longstrand.model.ModelShape.Norm;
import io.longstrand.model.ModelShape.PositionKind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference model's gradients held to central differences, and its architecture to what must hold of it. */
class ReferenceGptTest {
    private static final int LENGTH = 6;
    private static final int SEQUENCES = 2;
    private static final int VOCABULARY = 5;

    private final Random random = new Random(11);

    static Stream<ModelShape> shapes() {
        return Stream.of(Norm.values()).flatMap(norm -> Stream.of(MlpActivation.values())
                .flatMap(activation -> Stream.of(PositionKind.values())
                        .map(position -> new ModelShape(
                                2,
                                8,
                                4,
                                activation == MlpActivation.GELU ? 2 : 4,
                                10,
                                VOCABULARY,
                                LENGTH,
                                norm,
                                activation,
                                position,
                                10_000,
                                norm == Norm.LAYER))));
    }

    private Map<String, double[]> parameters(ModelShape shape) {
        Map<String, double[]> parameters = new LinkedHashMap<>();
        for (Parameter parameter : new ParameterLayout(shape).parameters()) {
            double mean = parameter.name().endsWith(".gain") ? 1 : 0;
            double[] values =
                    random.doubles(parameter.elements(), mean - 0.7, mean + 0.7).toArray();
            parameters.put(parameter.name(), values);
        }
        return parameters;
    }

    private static ReferenceGpt.Result run(ModelShape shape, Map<String, double[]> parameters) {
        int[] tokens = {0, 1, 2, 3, 4, 0, 3, 3, 1, 0, 2, 4};
        int[] labels = {1, 2, 3, 4, 0, -1, 3, -1, 0, 2, 4, 1};
        double[] weights = {1, 1, 0.5, 1, 0, 1, 1, 1, 0.1, 1, 2, 1};
        int[] documentStart = {0, 0, 0, 3, 3, 3, 0, 0, 0, 0, 0, 5};
        return new ReferenceGpt(shape, parameters).run(tokens, labels, weights, documentStart, SEQUENCES);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void every_gradient_equals_central_differences(ModelShape shape) {
        Map<String, double[]> parameters = parameters(shape);
        Map<String, double[]> gradients = run(shape, parameters).gradients();
        double step = 1e-5;
        parameters.forEach((name, values) -> {
            assertThat(gradients.get(name)).hasSameSizeAs(values);
            for (int i = 0; i < values.length; i++) {
                double kept = values[i];
                values[i] = kept + step;
                double above = run(shape, parameters).loss();
                values[i] = kept - step;
                double below = run(shape, parameters).loss();
                values[i] = kept;
                double difference = (above - below) / (2 * step);
                assertThat(gradients.get(name)[i])
                        .as("%s[%d]", name, i)
                        .isCloseTo(difference, within(1e-7 + 1e-6 * Math.abs(difference)));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void logits_depend_on_earlier_tokens_of_the_same_document_alone(ModelShape shape) {
        ReferenceGpt model = new ReferenceGpt(shape, parameters(shape));
        int[] labels = {-1, -1, -1, -1, -1, -1};
        double[] weights = new double[LENGTH];
        int[] documentStart = {0, 0, 2, 2, 2, 5};
        int[] tokens = {0, 1, 2, 3, 4, 0};
        double[][] before = model.run(tokens, labels, weights, documentStart, 1).logits();
        int changed = 3;
        tokens[changed] = 1;
        double[][] after = model.run(tokens, labels, weights, documentStart, 1).logits();
        for (int token = 0; token < LENGTH; token++) {
            boolean sees = token >= changed && documentStart[token] <= changed;
            assertThat(Arrays.equals(after[token], before[token]))
                    .as("token %d unchanged", token)
                    .isEqualTo(!sees);
        }
    }

    @Test
    void training_lowers_the_loss() {
        ModelShape shape = shapes().findFirst().orElseThrow();
        Map<String, double[]> parameters = parameters(shape);
        ReferenceAdamW optimizer = new ReferenceAdamW(0.9, 0.95, 1e-8, 0.01, 1);
        double first = run(shape, parameters).loss();
        for (int step = 1; step <= 40; step++) {
            ReferenceGpt.Result result = run(shape, parameters);
            optimizer.step(step, 0.02, parameters, result.gradients(), 10);
        }
        assertThat(run(shape, parameters).loss()).isLessThan(first / 4);
    }
}
