package io.longstrand.attention;

import io.longstrand.tensor.TileMask;

/** The masks of partial tiles as one lane needs them, one after the other. */
public interface TileMasks {
    /** Begins to make a mask ready; at most one more than the tile at hand may be expected. */
    void expect(ScoreTile tile);

    /** The mask of a tile, valid until the next but one is expected. Tiles come in the order they were expected in. */
    TileMask mask(ScoreTile tile);
}
