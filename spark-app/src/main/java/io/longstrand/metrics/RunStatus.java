package io.longstrand.metrics;

/**
 * The present state of a run: {@code status.json}.
 *
 * @param state where the run stands
 * @param run the run directory
 * @param step steps done
 * @param steps steps of the whole run
 * @param tokens tokens trained on
 * @param loss latest training loss, nats per token; null before the first step
 * @param bitsPerBase latest training bits per base; null before the first step
 * @param validationBitsPerBase latest held-out bits per base; null before the first validation
 * @param tokensPerSecond latest rate
 * @param modelFlops latest model FLOP/s
 * @param mfu model FLOP/s over the measured peak
 * @param secondsLeft estimate of the time the remaining steps take; null before the first step
 * @param checkpoint directory of the last checkpoint; null before the first
 * @param message what failed; null unless it did
 * @param updated milliseconds since 1970
 */
public record RunStatus(
        State state,
        String run,
        long step,
        long steps,
        long tokens,
        Double loss,
        Double bitsPerBase,
        Double validationBitsPerBase,
        double tokensPerSecond,
        double modelFlops,
        double mfu,
        Double secondsLeft,
        String checkpoint,
        String message,
        long updated) {

    /** Where a run stands. */
    public enum State {
        RUNNING,
        FINISHED,
        STOPPED,
        FAILED
    }
}
