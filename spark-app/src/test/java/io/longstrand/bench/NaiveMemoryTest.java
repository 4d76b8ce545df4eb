package io.longstrand.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.model.ModelShape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NaiveMemoryTest {
    private static final ModelShape SHAPE = new ModelShape(
            4,
            512,
            8,
            8,
            2048,
            70,
            1024,
            ModelShape.Norm.LAYER,
            ModelShape.MlpActivation.GELU,
            ModelShape.PositionKind.ROTARY,
            10_000,
            true);

    @ParameterizedTest
    @CsvSource({"512, 4, 512, 8", "256, 2, 256, 4", "1024, 4, 512, 8"})
    void the_longest_sequence_of_naive_attention_is_that_of_the_closed_form_within_5_percent(
            int budget, int layers, int hidden, int heads) {
        MemoryBenchmark benchmark = new MemoryBenchmark("cpu");
        List<Row> rows = benchmark.run(
                new Selection(
                        benchmark,
                        List.of(
                                "modes=naive",
                                "steps=plan",
                                "threads=1",
                                "budget=" + budget,
                                "layers=" + layers,
                                "hidden=" + hidden,
                                "heads=" + heads)),
                line -> {});
        assertThat(rows).extracting(Row::figure).containsExactly("longestSequence", "formulaError");
        assertThat(rows.get(0).value()).isPositive();
        assertThat(rows.get(1).holds()).as("error %s", rows.get(1).value()).isTrue();
    }

    @Test
    void the_length_solves_the_closed_form() {
        NaiveMemory memory = new NaiveMemory(SHAPE);
        double length = memory.longestSequence(512 << 20);
        assertThat(memory.bytes(length)).isCloseTo(512 << 20, within(1.0));
    }

    @Test
    void a_budget_below_the_state_holds_nothing() {
        assertThat(new NaiveMemory(SHAPE).longestSequence(100 << 20)).isZero();
    }

    @Test
    void twice_the_length_takes_four_times_the_matrices() {
        NaiveMemory memory = new NaiveMemory(SHAPE);
        double matrices = memory.bytes(2000) - 2 * memory.bytes(1000) + memory.bytes(0);
        // A mask, and 8 heads' scores and probabilities, in each of 4 layers.
        assertThat(matrices).isCloseTo(2 * 4 * 17 * 4 * 1e6, within(1.0));
    }
}
