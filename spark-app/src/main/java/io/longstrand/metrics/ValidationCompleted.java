package io.longstrand.metrics;

/**
 * The model was scored on held-out windows.
 *
 * @param time milliseconds since 1970
 * @param step steps done by then
 * @param bitsPerBase held-out bits per base
 * @param bases bases scored
 * @param complete whether the whole held-out part was scored, not a sample of its windows
 * @param seconds how long it took
 */
public record ValidationCompleted(
        long time, long step, double bitsPerBase, long bases, boolean complete, double seconds) implements RunEvent {}
