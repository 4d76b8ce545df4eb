package io.longstrand.genome.token;

/**
 * A stretch of a record, in bases of the forward strand.
 *
 * @param record the record's index
 * @param start first base, counted from 0
 * @param end one past the last base
 */
public record Region(int record, long start, long end) {
    public Region {
        if (record < 0 || start < 0 || end <= start) {
            throw new IllegalArgumentException("region " + start + ".." + end + " of record " + record);
        }
    }

    /** Length in bases. */
    public long length() {
        return end - start;
    }
}
