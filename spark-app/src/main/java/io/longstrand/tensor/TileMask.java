package io.longstrand.tensor;

/** Which query–key pairs of one attention tile may see each other. EMPTY tiles never reach a kernel. */
public sealed interface TileMask {
    /** Every query sees every key. */
    record Full() implements TileMask {}

    /**
     * Each query sees one range of keys: causal, document and window masks are of this form. Keys are counted from the
     * start of the sequence, so one pair of vectors serves every tile: column c of the tile is key {@code tileStart +
     * c}, visible to query r when {@code firstKey[r] <= tileStart + c < endKey[r]}.
     *
     * @param firstKey INT32 {@code (1, rows)}: first visible key of each query
     * @param endKey INT32 {@code (1, rows)}: one past the last visible key; a row with {@code endKey <= firstKey} sees
     *     none
     * @param tileStart the key of the tile's first column
     */
    record Ranges(Tensor firstKey, Tensor endKey, long tileStart) implements TileMask {}

    /**
     * Each pair has a bit of its own, 1 where the query sees the key: bit {@code c % 32} of word {@code c / 32} of a row
     * is column c of the tile. Bits behind the last column are not looked at.
     *
     * @param words INT32 (rows, columns / 32 rounded up)
     */
    record Bits(Tensor words) implements TileMask {
        /** Words of a row over so many columns. */
        public static int words(int columns) {
            return (columns + Integer.SIZE - 1) / Integer.SIZE;
        }
    }
}
