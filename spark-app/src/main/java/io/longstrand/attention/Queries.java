package io.longstrand.attention;

/**
 * A tile of queries: rows {@code from} to {@code to} of one sequence, for one head.
 *
 * @param index counts the tiles of a sequence
 */
public record Queries(int sequence, int head, int index, int from, int to) {
    int count() {
        return to - from;
    }
}
