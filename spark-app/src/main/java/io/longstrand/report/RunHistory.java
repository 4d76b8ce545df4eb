package io.longstrand.report;

import io.longstrand.metrics.BaselinesScored;
import io.longstrand.metrics.CheckpointWritten;
import io.longstrand.metrics.RunEvent;
import io.longstrand.metrics.RunStarted;
import io.longstrand.metrics.StepCompleted;
import io.longstrand.metrics.ValidationCompleted;
import java.util.List;
import java.util.Optional;

/**
 * A run's events by kind, each list in the order of the steps.
 *
 * @param starts the start and every resume; never empty
 * @param steps training steps
 * @param validations validations, those on the way and those of the whole held-out part
 * @param baselines the latest scores of the count models
 * @param checkpoints checkpoints
 */
record RunHistory(
        List<RunStarted> starts,
        List<StepCompleted> steps,
        List<ValidationCompleted> validations,
        Optional<BaselinesScored> baselines,
        List<CheckpointWritten> checkpoints) {

    static RunHistory of(List<RunEvent> events) {
        List<BaselinesScored> baselines = kind(events, BaselinesScored.class);
        return new RunHistory(
                kind(events, RunStarted.class),
                kind(events, StepCompleted.class),
                kind(events, ValidationCompleted.class),
                baselines.isEmpty() ? Optional.empty() : Optional.of(baselines.get(baselines.size() - 1)),
                kind(events, CheckpointWritten.class));
    }

    /** The latest start: the machine and plan of the present attempt. */
    RunStarted start() {
        return starts.get(starts.size() - 1);
    }

    /** The latest step. */
    Optional<StepCompleted> lastStep() {
        return steps.isEmpty() ? Optional.empty() : Optional.of(steps.get(steps.size() - 1));
    }

    /** The score to report: the latest of the whole held-out part, or the latest there is. */
    Optional<ValidationCompleted> result() {
        Optional<ValidationCompleted> complete =
                validations.stream().filter(ValidationCompleted::complete).reduce((first, second) -> second);
        return complete.isPresent() ? complete : validations.stream().reduce((first, second) -> second);
    }

    /** Seconds spent in training steps. */
    double trainingSeconds() {
        return steps.stream().mapToDouble(StepCompleted::seconds).sum();
    }

    private static <T extends RunEvent> List<T> kind(List<RunEvent> events, Class<T> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
