package io.longstrand.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.attention.MaskRule;
import io.longstrand.config.MemorySection.Recompute;
import io.longstrand.tensor.DataType;
import io.longstrand.zero.StateForm;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The MLP and the loss computed tile by tile. */
class TileTest {
    static Stream<Arguments> backendsAndVariants() {
        return GoldenTest.backendsAndVariants();
    }

    @ParameterizedTest
    @MethodSource("backendsAndVariants")
    void losses_and_gradients_of_tiles_equal_the_reference(String backend, GoldenVariant variant) {
        RandomSequences data = variant.batch();
        ActivationForm tiles = new ActivationForm(Recompute.FULL, 16, OptionalInt.of(24));
        try (GoldenModel model = model(backend, variant, DataType.FLOAT32, tiles)) {
            ReferenceGpt.Result expected = data.run(new ReferenceGpt(variant.shape(), model.initialParameters()));

            GoldenTest.checkLosses(model, data, expected, model.gpt().evaluate(model.batch()));
            GoldenTest.checkLosses(model, data, expected, model.train());
            expected.gradients()
                    .forEach((name, gradient) -> GoldenTest.checkGradient(name, model.gradient(name), gradient));
        }
    }

    @ParameterizedTest
    @MethodSource("backendsAndVariants")
    void one_tile_over_all_tokens_has_the_bits_of_none(String backend, GoldenVariant variant) {
        ActivationForm tiles = new ActivationForm(Recompute.NONE, 1 << 20, OptionalInt.of(0));
        checkBits(backend, variant, DataType.FLOAT32, tiles);
    }

    @ParameterizedTest
    @CsvSource({"GELU, FLOAT32", "SWIGLU, FLOAT32", "GELU, BFLOAT16"})
    void tiles_of_2048_tokens_have_the_bits_of_none_on_the_cpu(ModelShape.MlpActivation activation, DataType type) {
        ModelShape shape = new ModelShape(
                1,
                64,
                2,
                2,
                256,
                GoldenVariant.VOCABULARY,
                5000,
                ModelShape.Norm.LAYER,
                activation,
                ModelShape.PositionKind.ROTARY,
                10_000,
                true);
        GoldenVariant variant = new GoldenVariant("long", shape, new MaskRule.Window(64), 1, 5000);
        checkBits("cpu", variant, type, new ActivationForm(Recompute.NONE, 2048, OptionalInt.empty()));
    }

    private static void checkBits(String backend, GoldenVariant variant, DataType type, ActivationForm tiles) {
        try (GoldenModel whole = model(backend, variant, type, ActivationForm.resident());
                GoldenModel tiled = model(backend, variant, type, tiles)) {
            assertThat(tiled.train()).isEqualTo(whole.train());
            for (Parameter parameter : new ParameterLayout(variant.shape()).parameters()) {
                assertThat(tiled.gradient(parameter.name()))
                        .as(parameter.name())
                        .isEqualTo(whole.gradient(parameter.name()));
            }
        }
    }

    private static GoldenModel model(String backend, GoldenVariant variant, DataType type, ActivationForm form) {
        return new GoldenModel(
                backend, 2, variant.shape(), variant.rule(), variant.batch(), StateForm.resident(type), form);
    }
}
