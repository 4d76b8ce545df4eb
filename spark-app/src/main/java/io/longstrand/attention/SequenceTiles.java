package io.longstrand.attention;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/**
 * The tiles of scores of one sequence, or of a shard of its queries over a shard of its keys. Tiles of keys start at multiples of the tile's width and end where their queries
 * see no further, rounded to {@link TileSize#STEP}, in both passes: a pass looks at tiles that are not EMPTY and at
 * nothing else, so a window costs its width at any length.
 */
public final class SequenceTiles {
    private final TileSize tile;
    private final int queries;
    private final int keys;
    private final List<KeySpan> spans;
    /** For each tile of keys the tiles of queries from which to which it is seen. */
    private final int[] firstViewer;

    private final int[] endViewer;

    /** @param spans what each tile of queries sees */
    SequenceTiles(TileSize tile, int queries, int keys, List<KeySpan> spans) {
        this.tile = tile;
        this.queries = queries;
        this.keys = keys;
        this.spans = List.copyOf(spans);
        firstViewer = new int[tile.keyTiles(keys)];
        endViewer = new int[firstViewer.length];
        Arrays.fill(firstViewer, Integer.MAX_VALUE);
        for (int index = 0; index < spans.size(); index++) {
            for (int block = firstBlock(index); block < endBlock(index); block++) {
                firstViewer[block] = Math.min(firstViewer[block], index);
                endViewer[block] = index + 1;
            }
        }
    }

    /** Tiles of keys. */
    int keyTiles() {
        return firstViewer.length;
    }

    /** The tile of queries of a number. */
    Queries queries(int sequence, int head, int index) {
        int from = index * tile.queries();
        return new Queries(sequence, head, index, from, Math.min(queries, from + tile.queries()));
    }

    /** The tiles in which some queries see a tile of keys: head after head. */
    Iterator<ScoreTile> viewers(QueryTiles of, int block) {
        int first = Math.max(of.first(), firstViewer[block]);
        int end = Math.min(of.end(), endViewer[block]);
        return new Present(new Supplier<>() {
            private int head = of.firstHead();
            private int index = first;

            @Override
            public ScoreTile get() {
                if (index >= end) {
                    index = first;
                    head++;
                }
                return head < of.endHead() && index < end ? tile(queries(of.sequence(), head, index++), block) : null;
            }
        });
    }

    /** The same for every tile of keys, one after the other. */
    Iterator<ScoreTile> viewers(QueryTiles of) {
        return new Present(new Supplier<>() {
            private int block;
            private Iterator<ScoreTile> current = List.<ScoreTile>of().iterator();

            @Override
            public ScoreTile get() {
                while (!current.hasNext() && block < keyTiles()) {
                    current = viewers(of, block++);
                }
                return current.hasNext() ? current.next() : null;
            }
        });
    }

    private ScoreTile tile(Queries queries, int block) {
        KeySpan span = spans.get(queries.index());
        int from = Math.max(block * tile.keys(), TileSize.roundDown(span.first()));
        int to = Math.min(Math.min((block + 1) * tile.keys(), keys), TileSize.roundUp(span.end()));
        return new ScoreTile(queries, from, to, from < to ? span.coverage(from, to) : TileCoverage.EMPTY);
    }

    private int firstBlock(int index) {
        return spans.get(index).first() / tile.keys();
    }

    private int endBlock(int index) {
        KeySpan span = spans.get(index);
        return span.first() < span.end() ? (span.end() + tile.keys() - 1) / tile.keys() : 0;
    }

    /** The tiles of a source, which ends with null, that are not EMPTY. */
    private static final class Present implements Iterator<ScoreTile> {
        private final Supplier<ScoreTile> source;
        private ScoreTile next;

        private Present(Supplier<ScoreTile> source) {
            this.source = source;
            advance();
        }

        private void advance() {
            do {
                next = source.get();
            } while (next != null && next.coverage() == TileCoverage.EMPTY);
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public ScoreTile next() {
            if (next == null) {
                throw new NoSuchElementException();
            }
            ScoreTile found = next;
            advance();
            return found;
        }
    }
}
