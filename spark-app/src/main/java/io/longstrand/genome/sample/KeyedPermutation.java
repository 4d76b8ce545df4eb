package io.longstrand.genome.sample;

/**
 * A permutation of 0 … size - 1 that is computed, not stored: a balanced Feistel network over the next power of four,
 * walked until it lands inside (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
 */
public final class KeyedPermutation {
    private static final int ROUNDS = 6;

    private final long size;
    private final long[] keys;
    private final int halfBits;
    private final long halfMask;

    /**
     * @param size at least 1
     * @param keys what the permutation depends on, e.g. seed and epoch
     */
    public KeyedPermutation(long size, long... keys) {
        if (size < 1) {
            throw new IllegalArgumentException("a permutation of " + size + " elements");
        }
        this.size = size;
        this.keys = keys.clone();
        int bits = Math.max(2, 64 - Long.numberOfLeadingZeros(size - 1));
        this.halfBits = (bits + 1) / 2;
        this.halfMask = (1L << halfBits) - 1;
    }

    /** @return where element {@code index} goes */
    public long apply(long index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(index + " of " + size);
        }
        long value = index;
        do {
            value = encipher(value);
        } while (value >= size);
        return value;
    }

    private long encipher(long value) {
        long left = value >>> halfBits;
        long right = value & halfMask;
        for (int round = 0; round < ROUNDS; round++) {
            long next = left ^ StatelessRandom.bits(StatelessRandom.bits(keys), round, right) & halfMask;
            left = right;
            right = next;
        }
        return left << halfBits | right;
    }
}
