package io.longstrand.model;

/**
 * Adjacent rows or columns.
 *
 * @param from first
 * @param to one past the last
 */
public record Span(long from, long to) {
    public Span {
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("from " + from + " to " + to + " is no span");
        }
    }

    /** How many. */
    public long count() {
        return to - from;
    }
}
