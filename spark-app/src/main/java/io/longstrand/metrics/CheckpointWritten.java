package io.longstrand.metrics;

/**
 * A checkpoint is complete.
 *
 * @param time milliseconds since 1970
 * @param step steps it holds
 * @param path its directory
 * @param bytes its size
 * @param seconds how long it took
 */
public record CheckpointWritten(long time, long step, String path, long bytes, double seconds) implements RunEvent {}
