package io.longstrand.metrics;

/**
 * An attempt failed.
 *
 * @param time milliseconds since 1970
 * @param step steps done by then
 * @param rank the rank that failed first; −1 when the driver did
 * @param message one line: what failed
 */
public record RunFailed(long time, long step, int rank, String message) implements RunEvent {}
