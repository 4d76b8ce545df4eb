package io.longstrand.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.mesh.Axis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterLayoutTest {
    private static final ModelShape SHAPE = new ModelShape(
            2,
            32,
            8,
            4,
            48,
            19,
            64,
            ModelShape.Norm.LAYER,
            ModelShape.MlpActivation.SWIGLU,
            ModelShape.PositionKind.LEARNED,
            10_000,
            false);

    private static ModelShare share(int part, int parts) {
        long rows = SHAPE.positions() / parts;
        List<Span> positions = List.of(new Span(part * rows, (part + 1) * rows));
        return new ModelShare(SHAPE, part, parts, positions, Set.of(Axis.TENSOR));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void split_parameters_are_held_once_and_all_others_by_every_rank(int parts) {
        List<ParameterLayout> ranks = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            ranks.add(new ParameterLayout(share(part, parts)));
        }
        for (Parameter whole : new ParameterLayout(SHAPE).parameters()) {
            int[] holders = new int[(int) whole.elements()];
            for (ParameterLayout rank : ranks) {
                Parameter held = rank.named(whole.name());
                held.share().runs(0, held.elements(), (from, logical, count) -> {
                    for (long i = 0; i < count; i++) {
                        holders[(int) (logical + i)]++;
                    }
                });
            }
            boolean split = !ranks.get(0).named(whole.name()).splitOver().isEmpty();
            assertThat(holders).as(whole.name()).containsOnly(split ? 1 : parts);
        }
    }

    @Test
    void a_rank_has_the_queries_keys_and_values_of_its_own_heads() {
        // 8 heads of 4 columns, 4 key and value heads; the second of two ranks.
        MatrixShare held = new ParameterLayout(share(1, 2))
                .named("block.0.attention.query-key-value.weight")
                .share();
        assertThat(held.columnSpans()).containsExactly(new Span(16, 32), new Span(40, 48), new Span(56, 64));
    }

    @Test
    void split_parameters_come_first_in_every_unit() {
        ParameterLayout layout = new ParameterLayout(share(0, 2));
        for (int unit = 0; unit < layout.units(); unit++) {
            int of = unit;
            List<Integer> axes = layout.parameters().stream()
                    .filter(parameter -> parameter.unit() == of)
                    .map(parameter -> parameter.splitOver().size())
                    .toList();
            assertThat(axes).isSortedAccordingTo(Comparator.reverseOrder());
        }
    }

    @Test
    void more_ranks_than_token_ids_are_told_so() {
        ModelShape narrow = new ModelShape(
                1,
                32,
                8,
                8,
                48,
                7,
                64,
                ModelShape.Norm.RMS,
                ModelShape.MlpActivation.GELU,
                ModelShape.PositionKind.ROTARY,
                10_000,
                false);
        assertThatThrownBy(() -> new ModelShare(narrow, 0, 8, List.of(), Set.of()))
                .hasMessage("parallel.tensor = 8 is more than the 7 token ids of the tokenizer; each rank needs at"
                        + " least one");
    }

    @Test
    void degrees_that_do_not_divide_heads_or_columns_are_refused() {
        assertThatThrownBy(() -> share(0, 8)).hasMessageContaining("4 key and value heads cannot be shared by 8 ranks");
    }
}
