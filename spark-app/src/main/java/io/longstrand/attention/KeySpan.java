package io.longstrand.attention;

/** What a tile of queries sees. */
interface KeySpan {
    /** Lowest key seen by any of them. */
    int first();

    /** One past the highest key seen by any of them; not above {@link #first()} when none sees any. */
    int end();

    /** How much they see of keys {@code from} to {@code to}, which lie in one tile of keys. */
    TileCoverage coverage(int from, int to);
}
