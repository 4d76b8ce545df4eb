package io.longstrand.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MatrixShareTest {
    private static List<List<Long>> runs(MatrixShare share, long from, long to) {
        List<List<Long>> runs = new ArrayList<>();
        share.runs(from, to, (held, logical, count) -> runs.add(List.of(held, logical, count)));
        return runs;
    }

    @Test
    void a_whole_matrix_is_one_run() {
        assertThat(runs(MatrixShare.whole(5, 7), 0, 35)).containsExactly(List.of(0L, 0L, 35L));
        assertThat(runs(MatrixShare.whole(5, 7), 3, 11)).containsExactly(List.of(3L, 3L, 8L));
    }

    @Test
    void some_rows_are_a_run_a_span() {
        MatrixShare share = new MatrixShare(10, 4, List.of(new Span(1, 3), new Span(7, 8)), List.of(new Span(0, 4)));
        assertThat(share.rows()).isEqualTo(3);
        assertThat(runs(share, 0, 12)).containsExactly(List.of(0L, 4L, 8L), List.of(8L, 28L, 4L));
        assertThat(runs(share, 6, 10)).containsExactly(List.of(6L, 6L + 4, 2L), List.of(8L, 28L, 2L));
    }

    @Test
    void some_columns_are_a_run_a_span_in_each_row() {
        MatrixShare share = new MatrixShare(2, 10, List.of(new Span(0, 2)), List.of(new Span(2, 4), new Span(9, 10)));
        assertThat(share.columns()).isEqualTo(3);
        assertThat(runs(share, 0, 6))
                .containsExactly(List.of(0L, 2L, 2L), List.of(2L, 9L, 1L), List.of(3L, 12L, 2L), List.of(5L, 19L, 1L));
        assertThat(runs(share, 1, 4)).containsExactly(List.of(1L, 3L, 1L), List.of(2L, 9L, 1L), List.of(3L, 12L, 1L));
    }

    @Test
    void logical_elements_are_found_where_they_are_held() {
        MatrixShare share = new MatrixShare(3, 10, List.of(new Span(1, 3)), List.of(new Span(2, 4), new Span(9, 10)));
        List<List<Long>> found = new ArrayList<>();
        share.heldRuns(0, 30, (held, logical, count) -> found.add(List.of(held, logical, count)));
        assertThat(found).isEqualTo(runs(share, 0, share.elements()));
        found.clear();
        share.heldRuns(13, 23, (held, logical, count) -> found.add(List.of(held, logical, count)));
        assertThat(found).containsExactly(List.of(1L, 13L, 1L), List.of(2L, 19L, 1L), List.of(3L, 22L, 1L));
    }

    @Test
    void spans_that_do_not_ascend_within_the_matrix_are_refused() {
        List<Span> all = List.of(new Span(0, 4));
        assertThatThrownBy(() -> new MatrixShare(4, 4, List.of(new Span(2, 4), new Span(0, 2)), all))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MatrixShare(4, 4, List.of(new Span(3, 5)), all))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
