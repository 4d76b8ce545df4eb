package io.longstrand.attention;

import io.longstrand.mesh.Positions;
import io.longstrand.tensor.TileMask;
import java.nio.IntBuffer;

/** The pattern of a rule that gives each query one range of keys. */
final class RangePattern implements MaskPattern {
    private final MaskRule rule;
    private final Positions queries;
    private final Positions keys;
    private final VisibleRanges ranges;
    private final SequenceTiles tiles;

    RangePattern(MaskRule rule, int[] documentStart, TileSize tile, Positions queries, Positions keys) {
        this.rule = rule;
        this.queries = queries;
        this.keys = keys;
        ranges = new VisibleRanges(rule, documentStart, queries, keys);
        tiles = ranges.tiles(tile);
    }

    @Override
    public boolean covers(int[] documentStart) {
        return ranges.sameAs(new VisibleRanges(rule, documentStart, queries, keys));
    }

    @Override
    public SequenceTiles tiles() {
        return tiles;
    }

    @Override
    public boolean causal() {
        return ranges.causal();
    }

    @Override
    public long pairs() {
        return ranges.pairs();
    }

    @Override
    public void write(ScoreTile tile, IntBuffer words) {
        int perRow = TileMask.Bits.words(tile.keys());
        for (int row = 0; row < tile.queries().count(); row++) {
            int query = tile.queries().from() + row;
            int first = ranges.first()[query] - tile.from();
            int end = ranges.end()[query] - tile.from();
            for (int word = 0; word < perRow; word++) {
                words.put(row * perRow + word, between(first - word * Integer.SIZE, end - word * Integer.SIZE));
            }
        }
    }

    /** A word with bits {@code first} to {@code end} set, as far as it has them. */
    private static int between(int first, int end) {
        int low = Math.max(first, 0);
        int high = Math.min(end, Integer.SIZE);
        return low < high ? -1 >>> Integer.SIZE - (high - low) << low : 0;
    }
}
