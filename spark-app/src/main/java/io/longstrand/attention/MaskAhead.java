package io.longstrand.attention;

import io.longstrand.tensor.TileMask;
import java.util.Iterator;

/** Gives the masks of a task's tiles, each partial one's expected as soon as the one before it is at hand. */
final class MaskAhead {
    private final TileMasks masks;
    private final Iterator<ScoreTile> ahead;

    /** @param tiles the task's tiles, in the order in which their masks will be asked for */
    MaskAhead(TileMasks masks, Iterator<ScoreTile> tiles) {
        this.masks = masks;
        this.ahead = tiles;
        expectNext();
    }

    /** The mask of the next tile. */
    TileMask of(ScoreTile tile) {
        if (tile.coverage() == TileCoverage.FULL) {
            return new TileMask.Full();
        }
        TileMask mask = masks.mask(tile);
        expectNext();
        return mask;
    }

    private void expectNext() {
        while (ahead.hasNext()) {
            ScoreTile tile = ahead.next();
            if (tile.coverage() == TileCoverage.PARTIAL) {
                masks.expect(tile);
                return;
            }
        }
    }
}
