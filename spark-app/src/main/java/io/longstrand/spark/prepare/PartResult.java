package io.longstrand.spark.prepare;

import java.io.Serializable;

/**
 * What a part holds. Numbers are kept in flat arrays: an assembly may have millions of records.
 *
 * @param dataBytes length of the {@code .bin}, 0 when the part holds no tokens and has no files
 * @param dataChecksum its SHA-256
 * @param indexBytes length of the {@code .idx}
 * @param indexChecksum its SHA-256
 * @param sequences for each sequence in the shard: record, stream (strand and phase) and tokens
 * @param softMasked for each stretch of lower case: record, first base, one past the last
 * @param unknown for each stretch of letters other than A, C, G, T: record, first base, one past the last
 */
record PartResult(
        long dataBytes,
        String dataChecksum,
        long indexBytes,
        String indexChecksum,
        long[] sequences,
        long[] softMasked,
        long[] unknown)
        implements Serializable {
    /** Numbers an entry of the arrays takes. */
    static final int ENTRY = 3;
}
