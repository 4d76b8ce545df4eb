package io.longstrand.genome.sample;

/**
 * Random numbers that are a function of what they are for: no state, so any worker may ask for any of them in any order.
 * The mixing is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
 */
final class StatelessRandom {
    private StatelessRandom() {}

    /** @return 64 bits that depend on every bit of every key, and on their order */
    static long bits(long... keys) {
        long hash = 0x9e3779b97f4a7c15L;
        for (long key : keys) {
            hash = mix(hash ^ mix(key + 0x9e3779b97f4a7c15L)) + 0x9e3779b97f4a7c15L;
        }
        return mix(hash);
    }

    /** @return a number from 0 to bound - 1 */
    static long below(long bound, long... keys) {
        return Long.remainderUnsigned(bits(keys), bound);
    }

    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
