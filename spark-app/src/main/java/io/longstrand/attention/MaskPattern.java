package io.longstrand.attention;

import io.longstrand.tensor.Kernels;
import java.nio.IntBuffer;

/** Which keys the queries of one sequence see: the same for every head, and for every sequence of the same form. */
interface MaskPattern {
    /** Whether a sequence of these documents is masked the same way. */
    boolean covers(int[] documentStart);

    /** Finds out what cannot be told tile by tile; called once, before anything below. */
    default void survey(Kernels kernels) {}

    /** The tiles. */
    SequenceTiles tiles();

    /** Whether every query sees all keys up to its own and no other. */
    boolean causal();

    /** Visible query–key pairs. */
    long pairs();

    /**
     * Writes the bits of a tile as {@link io.longstrand.tensor.TileMask.Bits} has them, row after row without gaps.
     * Several threads may write different tiles at once.
     *
     * @param words as many as the tile's rows have together
     */
    void write(ScoreTile tile, IntBuffer words);
}
