package io.longstrand.spark.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExampleCutTest {
    @ParameterizedTest
    @CsvSource({"24, 2, 4", "25, 2, 4", "31, 3, 5", "5, 3, 8", "16, 4, 4", "17, 4, 4", "7, 1, 3"})
    void every_example_belongs_to_one_rank_in_one_step_in_order(long examples, int ranks, int batch) {
        ExampleCut cut = new ExampleCut(examples, ranks, batch);
        long next = 0;
        for (long step = 0; step < cut.steps(); step++) {
            int together = 0;
            for (int rank = 0; rank < ranks; rank++) {
                int length = cut.length(step, rank);
                assertThat(length).isLessThanOrEqualTo(batch);
                for (int i = 0; i < length; i++, next++) {
                    assertThat(cut.owner(next)).isEqualTo(rank);
                    assertThat(cut.end(next)).isEqualTo(next - i + length);
                }
                together += length;
            }
            assertThat(together).isEqualTo(cut.together(step));
        }
        assertThat(next).isEqualTo(examples);
    }

    @ParameterizedTest
    @CsvSource({"24, 2, 4, 3", "25, 2, 4, 4", "1, 1, 8, 1"})
    void only_the_last_step_is_not_full(long examples, int ranks, int batch, long steps) {
        assertThat(new ExampleCut(examples, ranks, batch).steps()).isEqualTo(steps);
    }

    @ParameterizedTest
    @CsvSource({"1, 2, 4", "0, 1, 1", "4, 2, 0"})
    void a_rank_without_examples_is_refused(long examples, int ranks, int batch) {
        assertThatThrownBy(() -> new ExampleCut(examples, ranks, batch)).isInstanceOf(IllegalArgumentException.class);
    }
}
