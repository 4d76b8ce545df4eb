package io.longstrand.genome.sequence;

import java.io.Serializable;

/**
 * A stretch of one record.
 *
 * @param start first base, counted from 0
 * @param end one past the last base
 */
public record Interval(long start, long end) implements Serializable {

    public Interval {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("interval " + start + ".." + end);
        }
    }

    /** Length in bases. */
    public long length() {
        return end - start;
    }
}
