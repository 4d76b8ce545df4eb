package io.longstrand.attention;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.TileMask;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * The pattern of a mask that is known pair by pair. A survey, once per form of a sequence, finds which tiles are EMPTY or
 * FULL; the bits of PARTIAL ones are written when they are needed. What is asked for are tiles up to the diagonal and no
 * other, so nothing behind it can be seen.
 */
final class CustomPattern implements MaskPattern {
    private final PairSource source;
    private final int[] documentStart;
    private final TileSize tile;
    private final int length;
    private final LongAdder pairs = new LongAdder();
    private SequenceTiles tiles;

    /** @param documentStart of each real token */
    CustomPattern(PairSource source, int[] documentStart, TileSize tile, int length) {
        this.source = source;
        this.documentStart = documentStart.clone();
        this.tile = tile;
        this.length = length;
    }

    @Override
    public boolean covers(int[] other) {
        return Arrays.equals(documentStart, other);
    }

    @Override
    public void survey(Kernels kernels) {
        KeySpan[] spans = new KeySpan[tile.queryTiles(length)];
        kernels.parallel(spans.length, (index, lane) -> spans[(int) index] = survey((int) index));
        // A rehearsal runs no tasks, and looks at no tile.
        tiles = kernels.compute() ? new SequenceTiles(tile, length, List.of(spans)) : null;
    }

    private Span survey(int index) {
        int from = index * tile.queries();
        int to = Math.min(documentStart.length, from + tile.queries()); // of the real ones
        Found found = new Found();
        List<TileCoverage> coverage = new ArrayList<>();
        for (int start = 0; start < to && from < to; start += tile.keys()) {
            int end = Math.min(Math.min(start + tile.keys(), length), TileSize.roundUp(to));
            coverage.add(coverage(from, to, start, end, found));
        }
        boolean padded = Math.max(from, to) < Math.min(length, from + tile.queries());
        return new Span(Math.min(found.first, found.end), found.end, tile.keys(), padded, List.copyOf(coverage));
    }

    private TileCoverage coverage(int from, int to, int start, int end, Found found) {
        int realEnd = Math.min(end, documentStart.length);
        TileCoverage certain = source.coverage(pairs(from, to, start, realEnd));
        if (certain == TileCoverage.EMPTY) {
            return certain;
        }
        if (certain == TileCoverage.FULL) {
            found.add(start, realEnd);
            pairs.add((long) (to - from) * (realEnd - start));
            return realEnd == end ? certain : TileCoverage.PARTIAL;
        }
        int[] words = new int[TileMask.Bits.words(realEnd - start)];
        long visible = 0;
        for (int query = from; query < to; query++) {
            source.row(query, documentStart[query], start, realEnd, words);
            visible += found.add(start, words);
        }
        pairs.add(visible);
        if (visible == 0) {
            return TileCoverage.EMPTY;
        }
        return visible == (long) (to - from) * (end - start) ? TileCoverage.FULL : TileCoverage.PARTIAL;
    }

    private CustomMask.Pairs pairs(int from, int to, int start, int end) {
        int first = Integer.MAX_VALUE;
        int last = 0;
        for (int query = from; query < to; query++) {
            first = Math.min(first, documentStart[query]);
            last = Math.max(last, documentStart[query]);
        }
        return new CustomMask.Pairs(from, to, start, end, first, last);
    }

    @Override
    public SequenceTiles tiles() {
        return tiles;
    }

    @Override
    public boolean causal() {
        return false;
    }

    @Override
    public long pairs() {
        return pairs.sum();
    }

    @Override
    public void write(ScoreTile at, IntBuffer words) {
        int[] row = new int[TileMask.Bits.words(at.keys())];
        int[] none = new int[row.length];
        int realEnd = Math.min(at.to(), documentStart.length);
        for (int number = 0; number < at.queries().count(); number++) {
            int query = at.queries().from() + number;
            boolean real = query < documentStart.length && at.from() < realEnd;
            if (real) {
                source.row(query, documentStart[query], at.from(), realEnd, row);
            }
            words.put(number * row.length, real ? row : none);
        }
    }

    /** The keys found visible so far to one tile of queries. */
    private static final class Found {
        private int first = Integer.MAX_VALUE;
        private int end;

        private void add(int from, int to) {
            first = Math.min(first, from);
            end = Math.max(end, to);
        }

        /** Takes in a row. @return how many of its keys are visible */
        private long add(int start, int[] words) {
            long visible = 0;
            for (int index = 0; index < words.length; index++) {
                int word = words[index];
                if (word != 0) {
                    int at = start + index * Integer.SIZE;
                    add(
                            at + Integer.numberOfTrailingZeros(word),
                            at + Integer.SIZE - Integer.numberOfLeadingZeros(word));
                    visible += Integer.bitCount(word);
                }
            }
            return visible;
        }
    }

    /**
     * What a tile of queries sees.
     *
     * @param width of a tile of keys
     * @param padded whether some of the queries are padding, which sees nothing
     * @param tiles of the tiles of keys from the first on
     */
    private record Span(int first, int end, int width, boolean padded, List<TileCoverage> tiles) implements KeySpan {
        @Override
        public TileCoverage coverage(int from, int to) {
            TileCoverage coverage = from / width < tiles.size() ? tiles.get(from / width) : TileCoverage.EMPTY;
            return padded && coverage == TileCoverage.FULL ? TileCoverage.PARTIAL : coverage;
        }
    }
}
