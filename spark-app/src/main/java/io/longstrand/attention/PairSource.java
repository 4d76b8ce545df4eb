package io.longstrand.attention;

/** Where the visibility of single pairs comes from. Used by several threads at once. */
interface PairSource extends AutoCloseable {
    /** What is certain of a tile of real tokens. */
    TileCoverage coverage(CustomMask.Pairs tile);

    /**
     * Writes which of the keys {@code from} to {@code to} a query sees, bit by bit as {@link
     * io.longstrand.tensor.TileMask.Bits} has them.
     *
     * @param documentStart of the query
     * @param words of the row, overwritten
     * @throws io.longstrand.config.UserError when it sees a key behind it
     */
    void row(int query, int documentStart, int from, int to, int[] words);

    @Override
    default void close() {}
}
