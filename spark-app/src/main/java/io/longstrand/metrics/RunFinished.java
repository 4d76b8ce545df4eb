package io.longstrand.metrics;

/**
 * A run ended: done, or stopped on request after saving.
 *
 * @param time milliseconds since 1970
 * @param step steps done
 * @param stopped whether it was stopped before its last step
 * @param trainingSeconds time spent in training steps by this attempt
 * @param checkpoint directory of the last checkpoint
 */
public record RunFinished(long time, long step, boolean stopped, double trainingSeconds, String checkpoint)
        implements RunEvent {}
