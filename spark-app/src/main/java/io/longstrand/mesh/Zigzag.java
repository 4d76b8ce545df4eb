package io.longstrand.mesh;

import java.util.Objects;

/**
 * The order of a sequence over the P ranks of a ring: cut into 2P equal chunks, rank r holds chunks r and 2P−1−r, the
 * early one first. Under a causal mask every rank then meets the same number of query–key pairs, which contiguous
 * shards would not give (zigzag ring attention; Llama 3, arXiv 2407.21783, section 3.3.2). A length that 2P does not
 * divide is padded at its end; padding is masked out of attention and loss.
 *
 * @param length tokens of the sequence, at least 1
 * @param ranks ranks of the ring P, at least 1
 */
public record Zigzag(long length, int ranks) {
    public Zigzag {
        if (length < 1 || ranks < 1) {
            throw new IllegalArgumentException("a sequence of " + length + " tokens over " + ranks + " ranks");
        }
        Math.multiplyExact(2, ranks);
    }

    /** Number of chunks, 2P. */
    public int chunks() {
        return 2 * ranks;
    }

    /** Tokens of one chunk. */
    public long chunk() {
        return (length + chunks() - 1) / chunks();
    }

    /** Tokens of one rank, padding included: two chunks. */
    public long shard() {
        return 2 * chunk();
    }

    /** Tokens of the sequence with its padding: a multiple of 2P. */
    public long padded() {
        return chunks() * chunk();
    }

    /** Whether a position of the padded sequence lies behind its end. */
    public boolean isPadding(long position) {
        return Objects.checkIndex(position, padded()) >= length;
    }

    /** Number of a rank's tokens that are no padding. */
    public long valid(int rank) {
        return within(early(rank)) + within(late(rank));
    }

    /** First position of a rank's early chunk, which fills the first half of its shard. */
    public long early(int rank) {
        return Objects.checkIndex(rank, ranks) * chunk();
    }

    /** First position of a rank's late chunk, which fills the second half of its shard. */
    public long late(int rank) {
        return (chunks() - 1L - Objects.checkIndex(rank, ranks)) * chunk();
    }

    /** Position in the padded sequence of a rank's token. @throws IndexOutOfBoundsException outside the shard */
    public long position(int rank, long local) {
        Objects.checkIndex(local, shard());
        return local < chunk() ? early(rank) + local : late(rank) + local - chunk();
    }

    /** The rank that holds a position of the padded sequence. */
    public int rank(long position) {
        int chunkNumber = (int) (Objects.checkIndex(position, padded()) / chunk());
        return Math.min(chunkNumber, chunks() - 1 - chunkNumber);
    }

    /** Where in its rank's shard a position of the padded sequence lies. */
    public long local(long position) {
        long chunkNumber = Objects.checkIndex(position, padded()) / chunk();
        return position % chunk() + (chunkNumber < ranks ? 0 : chunk());
    }

    private long within(long from) {
        return Math.max(0, Math.min(chunk(), length - from));
    }
}
