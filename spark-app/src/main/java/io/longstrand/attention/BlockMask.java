package io.longstrand.attention;

/**
 * Which keys of one shard the queries of a shard, the same or another, see: tile by tile. Positions ascend in both, so
 * tiles are told by indices into the shards.
 */
public interface BlockMask {
    /** The tiles it is cut into. */
    TileSize tile();

    /** Sequences of the batch. */
    int sequences();

    /** Queries of one sequence. */
    int queries();

    /** Keys of one sequence. */
    int keys();

    /** Whether every query of every sequence sees all keys up to the one of its own number and no other. */
    boolean causal();

    /** Visible query–key pairs of all sequences, for one head. */
    long pairs();

    /** The tiles of a sequence. */
    SequenceTiles tiles(int sequence);

    /** Where a lane gets the masks of partial tiles from; for one task of the lane at a time. */
    TileMasks masks(int lane);
}
