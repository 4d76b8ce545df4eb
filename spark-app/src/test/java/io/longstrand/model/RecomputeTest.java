package io.longstrand.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.attention.MaskRule;
import io.longstrand.config.MemorySection.Recompute;
import io.longstrand.tensor.DataType;
import io.longstrand.zero.StateForm;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Activations that are computed again instead of kept. */
class RecomputeTest {
    /** The variants have both norms, both activations, grouped queries, both kinds of positions and documents. */
    static Stream<Arguments> every() {
        return GoldenTest.backends().flatMap(backend -> GoldenVariant.all().stream()
                .flatMap(variant -> Stream.of(DataType.FLOAT32, DataType.BFLOAT16)
                        .map(type -> Arguments.of(backend, variant, type))));
    }

    @ParameterizedTest
    @MethodSource("every")
    void every_loss_and_gradient_has_the_bits_of_a_pass_that_keeps_everything(
            String backend, GoldenVariant variant, DataType type) {
        try (GoldenModel resident = model(backend, variant, type, Recompute.NONE)) {
            LossSum loss = resident.train();
            for (Recompute recompute : Recompute.values()) {
                try (GoldenModel again = model(backend, variant, type, recompute)) {
                    assertThat(again.train()).as("%s", recompute).isEqualTo(loss);
                    for (Parameter parameter : new ParameterLayout(variant.shape()).parameters()) {
                        assertThat(again.gradient(parameter.name()))
                                .as("%s, %s", recompute, parameter.name())
                                .isEqualTo(resident.gradient(parameter.name()));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Recompute.class)
    void a_layer_more_keeps_what_the_documentation_says(Recompute recompute) {
        // Multiples of (tokens, hidden), and (heads, tokens) for the log-sum-exp.
        int multiples =
                switch (recompute) {
                    case NONE -> 10;
                    case ATTENTION -> 7;
                    case ATTENTION_AND_MLP -> 3;
                    case FULL -> 1;
                };
        long statistics = recompute == Recompute.FULL ? 0 : 4;
        assertThat(activationBytes(5, recompute) - activationBytes(4, recompute))
                .isEqualTo(4 * 256 * (multiples * 64 + statistics));
    }

    /** Activations at the peak of a pass over 256 tokens. */
    private static long activationBytes(int layers, Recompute recompute) {
        ModelShape shape = new ModelShape(
                layers,
                64,
                4,
                4,
                256,
                GoldenVariant.VOCABULARY,
                256,
                ModelShape.Norm.LAYER,
                ModelShape.MlpActivation.GELU,
                ModelShape.PositionKind.ROTARY,
                10_000,
                true);
        GoldenVariant variant = new GoldenVariant("deep", shape, new MaskRule.Causal(), 1, 256);
        try (GoldenModel model = model("auto", variant, DataType.FLOAT32, recompute)) {
            model.train();
            return model.deviceOwners().get("activations");
        }
    }

    private static GoldenModel model(String backend, GoldenVariant variant, DataType type, Recompute recompute) {
        return new GoldenModel(
                backend,
                2,
                variant.shape(),
                variant.rule(),
                variant.batch(),
                StateForm.resident(type),
                ActivationForm.recomputing(recompute));
    }
}
