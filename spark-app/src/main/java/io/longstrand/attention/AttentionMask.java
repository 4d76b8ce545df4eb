package io.longstrand.attention;

import io.longstrand.mesh.SequenceCut;

/**
 * Which keys the queries of a batch see; no mask of length × length ever exists. {@link #put} every sequence, {@link
 * #send}, then attend, any number of times. The queries are those of one shard of the sequences, the keys come shard by
 * shard; on one rank there is one shard and it is everything.
 */
public interface AttentionMask extends AutoCloseable {
    /** Whom a mask's bytes are accounted to. */
    String OWNER = "mask";

    /** The tiles it is cut into. */
    TileSize tile();

    /** Sequences of the batch. */
    int sequences();

    /** How sequences are cut into shards. */
    SequenceCut cut();

    /** The shard whose queries it is for. */
    int shard();

    /** Queries of one sequence: tokens of a shard. */
    default int length() {
        return cut().shard();
    }

    /**
     * Says of which documents a sequence consists.
     *
     * @param documentStart position at which the document of each token of the whole sequence starts; its length, at
     *     most {@code cut().padded()}, is the number of real tokens. What follows is padding: it sees nothing and, because
     *     masks are causal, nothing sees it
     */
    void put(int sequence, int[] documentStart);

    /** Makes the mask ready for passes over the sequences put. */
    void send();

    /** What the queries see of the keys of a shard. */
    BlockMask block(int ofShard);

    /** Which keys of which shard are seen by anybody. */
    KeyReach reach();

    /** Visible query–key pairs of the queries of this shard, for one head. */
    default long pairs() {
        long pairs = 0;
        for (int shard = 0; shard < cut().context(); shard++) {
            pairs += block(shard).pairs();
        }
        return pairs;
    }

    /** What it took so far. */
    MaskWork work();

    /** Gives back what belongs to no arena. */
    @Override
    default void close() {}
}
