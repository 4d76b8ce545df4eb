package io.longstrand.attention;

/**
 * Which keys the queries of a batch see, tile by tile; no mask of length × length ever exists. {@link #put} every
 * sequence, {@link #send}, then attend, any number of times.
 */
public interface AttentionMask extends AutoCloseable {
    /** Whom a mask's bytes are accounted to. */
    String OWNER = "mask";

    /** The tiles it is cut into. */
    TileSize tile();

    /** Sequences of the batch. */
    int sequences();

    /** Tokens of one sequence. */
    int length();

    /**
     * Says of which documents a sequence consists.
     *
     * @param documentStart position at which the document of each token starts; its length, at most {@link #length()},
     *     is the number of real tokens. What follows is padding: it sees nothing and, because masks are causal, nothing
     *     sees it
     */
    void put(int sequence, int[] documentStart);

    /** Makes the mask ready for passes over the sequences put. */
    void send();

    /** Whether every query of every sequence sees all keys up to its own and no other. */
    boolean causal();

    /** Visible query–key pairs of the whole batch, for one head. */
    long pairs();

    /** The tiles of a sequence. */
    SequenceTiles tiles(int sequence);

    /** Where a lane gets the masks of partial tiles from; for one task of the lane at a time. */
    TileMasks masks(int lane);

    /** What it took so far. */
    MaskWork work();

    /** Gives back what belongs to no arena. */
    @Override
    default void close() {}
}
