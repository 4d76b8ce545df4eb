package io.longstrand.genome.baseline;

/**
 * A set of contexts of one length, numbered densely: a bit per possible context and a count of the bits before each word
 * of 64. Only contexts that the held-out bases have need counts, which keeps an order-12 model of a bacterium at a few
 * megabytes instead of 268.
 */
final class ContextSet {
    private final long[] bits;
    private final int[] before;

    /** @param order bases a context has, at most 15 */
    ContextSet(int order) {
        this.bits = new long[((1 << 2 * order) + 63) / 64];
        this.before = new int[bits.length + 1];
    }

    void add(int context) {
        bits[context >>> 6] |= 1L << context;
    }

    /** Numbers the contexts; none may be added afterwards. */
    void number() {
        for (int i = 0; i < bits.length; i++) {
            before[i + 1] = before[i] + Long.bitCount(bits[i]);
        }
    }

    int size() {
        return before[bits.length];
    }

    /** @return the context's number, or -1 when it is not in the set */
    int indexOf(int context) {
        long word = bits[context >>> 6];
        long bit = 1L << context;
        return (word & bit) == 0 ? -1 : before[context >>> 6] + Long.bitCount(word & bit - 1);
    }
}
