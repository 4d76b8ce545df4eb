package io.longstrand.attention;

import io.longstrand.mesh.SequenceCut;
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
     * @param cut how a sequence is cut over the ring
     * @param shard the part of it whose queries attend here
     */
    AttentionMask take(
            Backend backend, Arena device, Arena host, TileSize tile, int sequences, SequenceCut cut, int shard);

    /** The same for sequences that are whole. @param length tokens of one sequence */
    default AttentionMask take(Backend backend, Arena device, Arena host, TileSize tile, int sequences, int length) {
        return take(backend, device, host, tile, sequences, SequenceCut.whole(length), 0);
    }
}
