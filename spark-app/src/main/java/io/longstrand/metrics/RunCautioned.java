package io.longstrand.metrics;

/**
 * Something the user should know and that does not stop the run: said once, when training begins or goes on.
 *
 * @param time milliseconds since 1970
 * @param step steps done before
 * @param message one line
 */
public record RunCautioned(long time, long step, String message) implements RunEvent {}
