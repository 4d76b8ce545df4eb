package io.longstrand.attention;

import io.longstrand.mesh.Positions;
import io.longstrand.mesh.Positions.Run;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.TileMask;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
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
    private final Positions queries;
    private final Positions keys;
    private final int realQueries;
    private final int realKeys;
    private final LongAdder pairs = new LongAdder();
    private SequenceTiles tiles;

    /** @param documentStart of each real token */
    CustomPattern(PairSource source, int[] documentStart, TileSize tile, Positions queries, Positions keys) {
        this.source = source;
        this.documentStart = documentStart.clone();
        this.tile = tile;
        this.queries = queries;
        this.keys = keys;
        realQueries = queries.below(documentStart.length);
        realKeys = keys.below(documentStart.length);
    }

    @Override
    public boolean covers(int[] other) {
        return Arrays.equals(documentStart, other);
    }

    @Override
    public void survey(Kernels kernels) {
        KeySpan[] spans = new KeySpan[tile.queryTiles(queries.count())];
        kernels.parallel(spans.length, (index, lane) -> spans[(int) index] = survey((int) index));
        // A rehearsal runs no tasks, and looks at no tile.
        tiles = kernels.compute() ? new SequenceTiles(tile, queries.count(), keys.count(), List.of(spans)) : null;
    }

    private Span survey(int index) {
        int from = index * tile.queries();
        int to = Math.min(realQueries, from + tile.queries());
        // Keys up to the diagonal.
        int behind = from < to ? keys.below(queries.at(to - 1) + 1) : 0;
        Found found = new Found();
        List<TileCoverage> coverage = new ArrayList<>();
        for (int start = 0; start < behind; start += tile.keys()) {
            int end = Math.min(Math.min(start + tile.keys(), keys.count()), TileSize.roundUp(behind));
            coverage.add(coverage(from, to, start, end, found));
        }
        boolean padded = Math.max(from, to) < Math.min(queries.count(), from + tile.queries());
        return new Span(Math.min(found.first, found.end), found.end, tile.keys(), padded, List.copyOf(coverage));
    }

    private TileCoverage coverage(int from, int to, int start, int end, Found found) {
        int realEnd = Math.min(end, realKeys);
        TileCoverage certain = certain(queries.part(from, to), keys.part(start, realEnd));
        if (certain == TileCoverage.EMPTY) {
            return certain;
        }
        if (certain == TileCoverage.FULL) {
            found.add(start, realEnd);
            pairs.add((long) (to - from) * (realEnd - start));
            return realEnd == end ? certain : TileCoverage.PARTIAL;
        }
        PairRows rows = new PairRows(source, keys.part(start, realEnd), documentStart);
        long visible = 0;
        for (Run run : queries.part(from, to).runs()) {
            for (int query = run.from(); query < run.to(); query++) {
                visible += found.add(start, rows.of(query, run.to()));
            }
        }
        pairs.add(visible);
        if (visible == 0) {
            return TileCoverage.EMPTY;
        }
        return visible == (long) (to - from) * (end - start) ? TileCoverage.FULL : TileCoverage.PARTIAL;
    }

    /** What the source says at once of all pairs; a tile over the end of a run lies in several places of the sequence. */
    private TileCoverage certain(Positions tileQueries, Positions tileKeys) {
        Set<TileCoverage> found = EnumSet.noneOf(TileCoverage.class);
        for (Run query : tileQueries.runs()) {
            for (Run key : tileKeys.runs()) {
                Run asked = key.within(0, TileSize.roundUp(query.to()));
                if (key.from() >= query.to() || asked.isEmpty()) {
                    found.add(TileCoverage.EMPTY);
                } else {
                    found.add(source.coverage(pairs(query, asked)));
                }
            }
        }
        return found.size() == 1 ? found.iterator().next() : TileCoverage.PARTIAL;
    }

    private CustomMask.Pairs pairs(Run query, Run key) {
        int first = Integer.MAX_VALUE;
        int last = 0;
        for (int position = query.from(); position < query.to(); position++) {
            first = Math.min(first, documentStart[position]);
            last = Math.max(last, documentStart[position]);
        }
        return new CustomMask.Pairs(query.from(), query.to(), key.from(), key.to(), first, last);
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
        int perRow = TileMask.Bits.words(at.keys());
        int[] none = new int[perRow];
        int realEnd = Math.max(at.from(), Math.min(at.to(), realKeys));
        int realTo = Math.max(at.queries().from(), Math.min(at.queries().to(), realQueries));
        PairRows rows = new PairRows(source, keys.part(at.from(), realEnd), documentStart);
        int number = 0;
        for (Run run : queries.part(at.queries().from(), realTo).runs()) {
            for (int query = run.from(); query < run.to(); query++) {
                words.put(number * perRow, none);
                words.put(number * perRow, rows.of(query, run.to()));
                number++;
            }
        }
        for (; number < at.queries().count(); number++) {
            words.put(number * perRow, none);
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
