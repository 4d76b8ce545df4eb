package io.longstrand.attention;

import io.longstrand.mesh.Positions;
import io.longstrand.mesh.Positions.Run;
import io.longstrand.tensor.TileMask;
import java.util.Arrays;

/** The rows of one tile of pairs, bit by bit. Its keys may lie in several places of the sequence. */
final class PairRows {
    private final PairSource source;
    private final Positions keys;
    private final int[] documentStart;
    private final int[] words;

    /** @param keys real ones */
    PairRows(PairSource source, Positions keys, int[] documentStart) {
        this.source = source;
        this.keys = keys;
        this.documentStart = documentStart;
        words = new int[TileMask.Bits.words(keys.count())];
    }

    /**
     * Which keys a query sees; valid until the next is asked for.
     *
     * @param behind position behind the last query of the tile in this place: keys a tile behind it are not asked for
     */
    int[] of(int query, int behind) {
        if (keys.runs().size() == 1 && keys.runs().get(0).to() <= TileSize.roundUp(behind)) {
            Run run = keys.runs().get(0);
            source.row(query, documentStart[query], run.from(), run.to(), words);
            return words;
        }
        Arrays.fill(words, 0);
        int start = 0;
        for (Run run : keys.runs()) {
            Run asked = run.within(0, TileSize.roundUp(behind));
            if (run.from() < behind && !asked.isEmpty()) {
                int[] part = new int[TileMask.Bits.words(asked.count())];
                source.row(query, documentStart[query], asked.from(), asked.to(), part);
                add(part, start);
            }
            start += run.count();
        }
        return words;
    }

    /** Sets the bits of a part that begins at a column. */
    private void add(int[] part, int start) {
        int shift = start % Integer.SIZE;
        for (int index = 0; index < part.length; index++) {
            int at = start / Integer.SIZE + index;
            words[at] |= part[index] << shift;
            // The last word's upper bits are behind the tile, and zero.
            if (shift > 0 && at + 1 < words.length) {
                words[at + 1] |= part[index] >>> Integer.SIZE - shift;
            }
        }
    }
}
