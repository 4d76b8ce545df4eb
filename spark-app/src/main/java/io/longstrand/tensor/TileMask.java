package io.longstrand.tensor;

/** Which query–key pairs of one attention tile may see each other. EMPTY tiles never reach a kernel. */
public sealed interface TileMask {
    /** Every query sees every key. */
    record Full() implements TileMask {}

    /**
     * Each query sees one range of keys: causal, document and window masks are of this form.
     *
     * @param firstKey INT32 {@code (1, rows)}: first visible key of each query, counted from the tile's first column
     *     and clamped to it
     * @param endKey INT32 {@code (1, rows)}: one past the last visible key; a row with {@code endKey <= firstKey} sees
     *     none
     */
    record Ranges(Tensor firstKey, Tensor endKey) implements TileMask {}
}
