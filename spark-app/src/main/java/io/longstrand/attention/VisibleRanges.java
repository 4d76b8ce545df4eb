package io.longstrand.attention;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The keys each query of one sequence sees, as one half-open range each. */
final class VisibleRanges {
    private final int[] first;
    private final int[] end;

    /**
     * Asks the rule about every query.
     *
     * @param documentStart of each real token
     * @param length tokens of the sequence, padding included
     */
    VisibleRanges(MaskRule rule, int[] documentStart, int length) {
        first = new int[length];
        end = new int[length];
        for (int query = 0; query < documentStart.length; query++) {
            first[query] = rule.firstKey(query, documentStart[query]);
            end[query] = rule.endKey(query, documentStart[query]);
        }
    }

    int[] first() {
        return first;
    }

    int[] end() {
        return end;
    }

    /** Whether every query sees all keys up to its own and no other. */
    boolean causal() {
        for (int query = 0; query < first.length; query++) {
            if (first[query] != 0 || end[query] != query + 1) {
                return false;
            }
        }
        return true;
    }

    /** Visible query–key pairs. */
    long pairs() {
        long pairs = 0;
        for (int query = 0; query < first.length; query++) {
            pairs += Math.max(0, end[query] - first[query]);
        }
        return pairs;
    }

    /** The tiles this makes. */
    SequenceTiles tiles(TileSize tile) {
        List<KeySpan> spans = new ArrayList<>();
        for (int from = 0; from < first.length; from += tile.queries()) {
            spans.add(span(from, Math.min(first.length, from + tile.queries())));
        }
        return new SequenceTiles(tile, first.length, spans);
    }

    /** What queries {@code from} to {@code to} see. */
    KeySpan span(int from, int to) {
        int lowest = Integer.MAX_VALUE;
        int highestFirst = 0;
        int lowestEnd = Integer.MAX_VALUE;
        int highest = 0;
        for (int query = from; query < to; query++) {
            highestFirst = Math.max(highestFirst, first[query]);
            lowestEnd = Math.min(lowestEnd, end[query]);
            if (first[query] < end[query]) {
                lowest = Math.min(lowest, first[query]);
                highest = Math.max(highest, end[query]);
            }
        }
        return new Span(Math.min(lowest, highest), highest, highestFirst, lowestEnd);
    }

    boolean sameAs(VisibleRanges other) {
        return Arrays.equals(first, other.first) && Arrays.equals(end, other.end);
    }

    /**
     * What a tile of queries sees.
     *
     * @param commonFirst from this key on all of them see …
     * @param commonEnd … every key below this one
     */
    private record Span(int first, int end, int commonFirst, int commonEnd) implements KeySpan {
        @Override
        public TileCoverage coverage(int from, int to) {
            if (to <= first || from >= end) {
                return TileCoverage.EMPTY;
            }
            return from >= commonFirst && to <= commonEnd ? TileCoverage.FULL : TileCoverage.PARTIAL;
        }
    }
}
