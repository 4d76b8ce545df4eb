package io.longstrand.attention;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.plan.PlanningBackend;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Place;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class KeyRangesTest {
    @Test
    void a_causal_tile_below_the_diagonal_is_full_above_it_empty_and_on_it_partial() {
        KeyRanges ranges = ranges(16, new MaskRule.Causal(), new int[16]);
        KeyRanges.Span span = ranges.span(0, 8, 12);
        assertThat(span.tile(0, 4)).isEqualTo(KeyRanges.Tile.FULL);
        assertThat(span.tile(4, 9)).isEqualTo(KeyRanges.Tile.FULL);
        assertThat(span.tile(4, 10)).isEqualTo(KeyRanges.Tile.PARTIAL);
        assertThat(span.tile(8, 12)).isEqualTo(KeyRanges.Tile.PARTIAL);
        assertThat(span.tile(12, 16)).isEqualTo(KeyRanges.Tile.EMPTY);
    }

    @Test
    void a_tile_of_an_earlier_document_is_empty_and_one_that_some_queries_share_is_partial() {
        int[] documents = new int[16];
        Arrays.fill(documents, 6, 16, 6);
        KeyRanges ranges = ranges(16, new MaskRule.Document(), documents);
        assertThat(ranges.span(0, 8, 12).tile(0, 6)).isEqualTo(KeyRanges.Tile.EMPTY);
        assertThat(ranges.span(0, 8, 12).tile(4, 8)).isEqualTo(KeyRanges.Tile.PARTIAL);
        assertThat(ranges.span(0, 8, 12).tile(6, 8)).isEqualTo(KeyRanges.Tile.FULL);
        assertThat(ranges.span(0, 4, 8).tile(0, 4)).isEqualTo(KeyRanges.Tile.PARTIAL);
    }

    @Test
    void a_window_costs_its_width_whatever_the_length() {
        int window = 16;
        int tile = 16;
        for (int length : new int[] {256, 1024}) {
            KeyRanges ranges = ranges(length, new MaskRule.Window(window), new int[length]);
            int present = 0;
            for (int query = 0; query < length; query += tile) {
                KeyRanges.Span span = ranges.span(0, query, query + tile);
                for (int key = 0; key < length; key += tile) {
                    present += span.tile(key, key + tile) == KeyRanges.Tile.EMPTY ? 0 : 1;
                }
            }
            // Each tile of queries but the first meets the tile before it and its own.
            assertThat(present).isEqualTo(2 * length / tile - 1);
            assertThat(ranges.pairs()).isEqualTo((long) length * window - window * (window - 1) / 2);
        }
    }

    @Test
    void padding_sees_nothing_and_makes_no_tile_full() {
        KeyRanges ranges = ranges(16, new MaskRule.Causal(), new int[10]);
        assertThat(ranges.span(0, 12, 16).tile(0, 4)).isEqualTo(KeyRanges.Tile.EMPTY);
        assertThat(ranges.span(0, 8, 12).tile(0, 4)).isEqualTo(KeyRanges.Tile.PARTIAL);
        assertThat(ranges.span(0, 8, 12).tile(10, 12)).isEqualTo(KeyRanges.Tile.EMPTY);
    }

    @Test
    void pairs_are_those_the_mask_allows() {
        assertThat(ranges(16, new MaskRule.Causal(), new int[16]).pairs()).isEqualTo(16 * 17 / 2);
        int[] documents = new int[16];
        Arrays.fill(documents, 6, 16, 6);
        assertThat(ranges(16, new MaskRule.Document(), documents).pairs()).isEqualTo(6 * 7 / 2 + 10 * 11 / 2);
        assertThat(ranges(16, new MaskRule.Causal(), new int[3]).pairs()).isEqualTo(3 * 4 / 2);
    }

    private static KeyRanges ranges(int length, MaskRule rule, int[] documentStart) {
        try (PlanningBackend backend = new PlanningBackend(1);
                Arena device = new Arena(backend, Place.DEVICE, 1 << 20);
                Arena host = new Arena(backend, Place.HOST, 1 << 20)) {
            KeyRanges ranges = new KeyRanges(backend.kernels(), device, host, "batch", 1, length);
            ranges.put(0, rule, documentStart);
            ranges.send();
            return ranges;
        }
    }
}
