package io.longstrand.metrics;

import java.util.OptionalDouble;

/** What the events so far say of a run as a whole: the latest of each and an estimate of the time left. */
final class Progress {
    /** How much the newest step counts in the average duration. */
    private static final double SMOOTHING = 0.1;

    private RunStarted started;
    private StepCompleted step;
    private ValidationCompleted validation;
    private CheckpointWritten checkpoint;
    private RunFinished finished;
    private RunFailed failed;
    private double secondsPerStep = Double.NaN;

    void accept(RunEvent event) {
        if (event instanceof RunStarted happened) {
            started = happened;
            finished = null;
            failed = null;
        } else if (event instanceof StepCompleted happened) {
            step = happened;
            secondsPerStep = Double.isNaN(secondsPerStep)
                    ? happened.seconds()
                    : secondsPerStep + SMOOTHING * (happened.seconds() - secondsPerStep);
        } else if (event instanceof ValidationCompleted happened) {
            validation = happened;
        } else if (event instanceof CheckpointWritten happened) {
            checkpoint = happened;
        } else if (event instanceof RunFinished happened) {
            finished = happened;
        } else if (event instanceof RunFailed happened) {
            failed = happened;
        }
    }

    /** Steps of the whole run; 0 before it started. */
    long steps() {
        return started == null ? 0 : started.steps();
    }

    /** Estimated seconds the remaining steps take; empty before the first step. */
    OptionalDouble secondsLeft() {
        return step == null
                ? OptionalDouble.empty()
                : OptionalDouble.of(Math.max(0, steps() - step.step()) * secondsPerStep);
    }

    RunStatus status(long now) {
        RunStatus.State state = RunStatus.State.RUNNING;
        if (failed != null) {
            state = RunStatus.State.FAILED;
        } else if (finished != null) {
            state = finished.stopped() ? RunStatus.State.STOPPED : RunStatus.State.FINISHED;
        }
        return new RunStatus(
                state,
                started == null ? "" : started.run(),
                step == null ? started == null ? 0 : started.step() : step.step(),
                steps(),
                step == null ? 0 : step.tokens(),
                step == null ? null : step.loss(),
                step == null ? null : step.bitsPerBase(),
                validation == null ? null : validation.bitsPerBase(),
                step == null ? 0 : step.tokensPerSecond(),
                step == null ? 0 : step.modelFlops(),
                step == null ? 0 : step.mfu(),
                secondsLeft().isPresent() ? secondsLeft().getAsDouble() : null,
                checkpoint == null ? null : checkpoint.path(),
                failed == null ? null : failed.message(),
                now);
    }
}
