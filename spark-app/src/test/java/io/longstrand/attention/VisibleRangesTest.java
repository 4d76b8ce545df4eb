package io.longstrand.attention;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.mesh.Positions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class VisibleRangesTest {
    @Test
    void a_causal_tile_below_the_diagonal_is_full_above_it_empty_and_on_it_partial() {
        VisibleRanges ranges = ranges(16, new MaskRule.Causal(), new int[16]);
        KeySpan span = ranges.span(8, 12);
        assertThat(span.coverage(0, 4)).isEqualTo(TileCoverage.FULL);
        assertThat(span.coverage(4, 9)).isEqualTo(TileCoverage.FULL);
        assertThat(span.coverage(4, 10)).isEqualTo(TileCoverage.PARTIAL);
        assertThat(span.coverage(8, 12)).isEqualTo(TileCoverage.PARTIAL);
        assertThat(span.coverage(12, 16)).isEqualTo(TileCoverage.EMPTY);
    }

    @Test
    void a_tile_of_an_earlier_document_is_empty_and_one_that_some_queries_share_is_partial() {
        int[] documents = new int[16];
        Arrays.fill(documents, 6, 16, 6);
        VisibleRanges ranges = ranges(16, new MaskRule.Document(), documents);
        assertThat(ranges.span(8, 12).coverage(0, 6)).isEqualTo(TileCoverage.EMPTY);
        assertThat(ranges.span(8, 12).coverage(4, 8)).isEqualTo(TileCoverage.PARTIAL);
        assertThat(ranges.span(8, 12).coverage(6, 8)).isEqualTo(TileCoverage.FULL);
        assertThat(ranges.span(4, 8).coverage(0, 4)).isEqualTo(TileCoverage.PARTIAL);
    }

    @Test
    void a_window_costs_its_width_whatever_the_length() {
        int window = 16;
        int tile = 16;
        for (int length : new int[] {256, 1024}) {
            VisibleRanges ranges = ranges(length, new MaskRule.Window(window), new int[length]);
            int present = 0;
            for (int query = 0; query < length; query += tile) {
                KeySpan span = ranges.span(query, query + tile);
                for (int key = 0; key < length; key += tile) {
                    present += span.coverage(key, key + tile) == TileCoverage.EMPTY ? 0 : 1;
                }
            }
            // Each tile of queries but the first meets the tile before it and its own.
            assertThat(present).isEqualTo(2 * length / tile - 1);
            assertThat(ranges.pairs()).isEqualTo((long) length * window - window * (window - 1) / 2);
        }
    }

    @Test
    void padding_sees_nothing_and_makes_no_tile_full() {
        VisibleRanges ranges = ranges(16, new MaskRule.Causal(), new int[10]);
        assertThat(ranges.span(12, 16).coverage(0, 4)).isEqualTo(TileCoverage.EMPTY);
        assertThat(ranges.span(8, 12).coverage(0, 4)).isEqualTo(TileCoverage.PARTIAL);
        assertThat(ranges.span(8, 12).coverage(10, 12)).isEqualTo(TileCoverage.EMPTY);
    }

    @Test
    void pairs_are_those_the_mask_allows() {
        assertThat(ranges(16, new MaskRule.Causal(), new int[16]).pairs()).isEqualTo(16 * 17 / 2);
        int[] documents = new int[16];
        Arrays.fill(documents, 6, 16, 6);
        assertThat(ranges(16, new MaskRule.Document(), documents).pairs()).isEqualTo(6 * 7 / 2 + 10 * 11 / 2);
        assertThat(ranges(16, new MaskRule.Causal(), new int[3]).pairs()).isEqualTo(3 * 4 / 2);
    }

    private static VisibleRanges ranges(int length, MaskRule rule, int[] documentStart) {
        return new VisibleRanges(rule, documentStart, Positions.whole(length), Positions.whole(length));
    }
}
