package io.longstrand.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.attention.AttentionForm;
import io.longstrand.config.MemorySection.Recompute;
import java.util.OptionalInt;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class FlopCountTest {
    private static ModelShape shape(int keyValueHeads, ModelShape.MlpActivation activation, boolean tied) {
        return new ModelShape(
                2,
                8,
                4,
                keyValueHeads,
                32,
                10,
                64,
                ModelShape.Norm.LAYER,
                activation,
                ModelShape.PositionKind.LEARNED,
                10_000,
                tied);
    }

    @Test
    void matrices_are_those_of_the_blocks_and_the_output_tied_or_not() {
        // Block: 8·24 + 8·8 + 8·32 + 32·8 = 768; output 8·10 = 80; embeddings do not count.
        assertThat(new FlopCount(shape(4, ModelShape.MlpActivation.GELU, true)).matrixElements())
                .isEqualTo(2 * 768 + 80);
        assertThat(new FlopCount(shape(4, ModelShape.MlpActivation.GELU, false)).matrixElements())
                .isEqualTo(2 * 768 + 80);
    }

    @Test
    void gates_count_and_shared_key_heads_do_not_count_twice() {
        // Block: 8·(4 + 2)·2 + 8·8 + 3·8·32 = 928 with one key head of size 2.
        assertThat(new FlopCount(shape(1, ModelShape.MlpActivation.SWIGLU, true)).matrixElements())
                .isEqualTo(2 * 928 + 80);
    }

    @Test
    void model_and_hardware_flops_differ_by_the_scores_computed_again() {
        FlopCount count = new FlopCount(shape(4, ModelShape.MlpActivation.GELU, true));
        // 6·100·1616 = 969,600; 12·2·8·1000 = 192,000; 14·2·8·1000 = 224,000.
        assertThat(count.model(100, 1000)).isEqualTo(969_600 + 192_000);
        assertThat(count.hardware(100, 1000)).isEqualTo(969_600 + 224_000);
    }

    @Test
    void naive_attention_multiplies_every_pair_of_a_sequence_and_keeps_its_scores() {
        ModelShape shape = shape(4, ModelShape.MlpActivation.GELU, true);
        FlopCount count = new FlopCount(shape, ActivationForm.resident(), AttentionForm.NAIVE);
        // Two layers of width 8.
        assertThat(count.hardware(100, 1000)).isEqualTo(969_600 + 12.0 * 2 * 8 * 100 * shape.positions());
        assertThat(count.model(100, 1000)).isEqualTo(new FlopCount(shape).model(100, 1000));
    }

    @Test
    void what_is_computed_again_is_executed_and_not_asked_for() {
        // Of each of two layers: 2·100·8·24 for queries, keys and values, 2·100·8·32 for the wide rows,
        // 2·100·8·8 for the projection of the heads' output and 4·8·1000 to attend again. Full keeps queries, keys and
        // values of neither pass over the attention half.
        double attention = 2 * 38_400;
        double wide = 2 * 51_200;
        double attending = 2 * (12_800 + 32_000);
        checkAgain(Recompute.NONE, 0);
        checkAgain(Recompute.ATTENTION, attention);
        checkAgain(Recompute.ATTENTION_AND_MLP, attention + wide);
        checkAgain(Recompute.FULL, 2 * attention + wide + attending);
    }

    private static void checkAgain(Recompute recompute, double expected) {
        ModelShape shape = shape(4, ModelShape.MlpActivation.GELU, true);
        FlopCount resident = new FlopCount(shape);
        FlopCount count = new FlopCount(shape, ActivationForm.recomputing(recompute));
        assertThat(count.again(100, 1000)).as("%s", recompute).isEqualTo(expected);
        assertThat(count.hardware(100, 1000)).isEqualTo(resident.hardware(100, 1000) + expected);
        assertThat(count.model(100, 1000)).isEqualTo(resident.model(100, 1000));
    }

    @Test
    void wide_rows_in_tiles_are_computed_again() {
        ModelShape shape = shape(4, ModelShape.MlpActivation.GELU, true);
        FlopCount tiled = new FlopCount(shape, new ActivationForm(Recompute.NONE, 16, OptionalInt.empty()));
        assertThat(tiled.again(100, 1000)).isEqualTo(2 * 51_200);
    }

    @Test
    void a_gate_is_computed_again_too() {
        // 8·(4 + 2)·2 for queries, keys and values, 2·8·32 for gate and up.
        FlopCount count = new FlopCount(
                shape(1, ModelShape.MlpActivation.SWIGLU, true),
                ActivationForm.recomputing(Recompute.ATTENTION_AND_MLP));
        assertThat(count.again(100, 1000)).isEqualTo(2 * 2 * 100 * (96 + 512));
    }

    @Test
    void counts_of_large_runs_do_not_overflow() {
        FlopCount count = new FlopCount(new ModelShape(
                60,
                6144,
                48,
                48,
                24576,
                50_304,
                1 << 20,
                ModelShape.Norm.LAYER,
                ModelShape.MlpActivation.GELU,
                ModelShape.PositionKind.ROTARY,
                10_000,
                true));
        long tokens = 1L << 30;
        long pairs = 1L << 50;
        assertThat(count.model(tokens, pairs)).isGreaterThan(12.0 * 60 * 6144 * pairs);
    }

    @Test
    void the_older_formula_gives_what_it_gives_by_hand() {
        FlopCount count = new FlopCount(shape(4, ModelShape.MlpActivation.GELU, true));
        // 24·3·2·64·2·64·(1 + 64/48 + 10/256) = 1,179,648 · 2.372396
        assertThat(count.megatronDeepSpeed(2, 64, false))
                .isCloseTo(1_179_648 * (1 + 64.0 / 48 + 10.0 / 256), Percentage.withPercentage(1e-9));
        assertThat(count.megatronDeepSpeed(2, 64, true))
                .isCloseTo(count.megatronDeepSpeed(2, 64, false) * 4 / 3, Percentage.withPercentage(1e-9));
    }
}
