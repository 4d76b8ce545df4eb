package io.longstrand.attention;

import io.longstrand.mesh.Positions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The keys each query of one sequence sees, as one half-open range each: indices into the positions of the queries and
 * of the keys. Positions ascend, so a range of them is a range of indices.
 */
final class VisibleRanges {
    private final int[] first;
    private final int[] end;
    private final int keys;

    /**
     * Asks the rule about every query.
     *
     * @param documentStart of each real token
     * @param queries their positions, padding included
     * @param keys their positions, padding included
     */
    VisibleRanges(MaskRule rule, int[] documentStart, Positions queries, Positions keys) {
        first = new int[queries.count()];
        end = new int[first.length];
        this.keys = keys.count();
        int query = 0;
        for (Positions.Run run : queries.runs()) {
            Positions.Run real = run.within(0, documentStart.length);
            for (int position = real.from(); position < real.to(); position++) {
                int at = query + position - run.from();
                first[at] = keys.below(rule.firstKey(position, documentStart[position]));
                end[at] = keys.below(rule.endKey(position, documentStart[position]));
            }
            query += run.count();
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
        return new SequenceTiles(tile, first.length, keys, spans);
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
