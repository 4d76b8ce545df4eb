package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;

/** How a run masks attention: a rule, and where the masks of partial tiles come from. */
public interface Masking {
    /**
     * Looks whether masks of sequences of a length can be had, before anything runs.
     *
     * @throws io.longstrand.config.UserError when not, saying what would be right
     */
    default void check(int length) {}

    /**
     * Takes what the masks of a batch need.
     *
     * @param device where it takes device memory, as {@code mask}
     * @param host where it takes host memory, as {@code mask}
     * @param tile of the attention that will use it
     * @param sequences sequences of a batch
     * @param length tokens of one sequence
     */
    AttentionMask take(Backend backend, Arena device, Arena host, TileSize tile, int sequences, int length);
}
