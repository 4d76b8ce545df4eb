package io.longstrand.cli;

import io.longstrand.config.RunConfiguration;
import io.longstrand.inference.Score;
import io.longstrand.metrics.BaselinesScored;
import io.longstrand.metrics.MaskUse;
import io.longstrand.metrics.RunEvent;
import io.longstrand.metrics.RunFinished;
import io.longstrand.metrics.RunStarted;
import io.longstrand.metrics.StepCompleted;
import io.longstrand.train.TrainingOutcome;
import io.longstrand.train.TrainingOutcome.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** How a training run went, from its events: what {@code evaluate --json} says beside its own score. */
final class RecordedOutcome {
    private final RunConfiguration configuration;
    private final List<RunEvent> events;
    private final List<StepCompleted> steps;

    RecordedOutcome(RunConfiguration configuration, List<RunEvent> events) {
        this.configuration = configuration;
        this.events = events;
        this.steps = all(StepCompleted.class);
    }

    /** @param step of the checkpoint scored @param checkpoint its directory */
    TrainingOutcome with(Score score, long step, String checkpoint) {
        List<RunStarted> starts = all(RunStarted.class);
        List<RunFinished> ends = all(RunFinished.class);
        List<BaselinesScored> baselines = all(BaselinesScored.class);
        double tokensPerSecond = mean(StepCompleted::tokensPerSecond);
        long residentSetPeak =
                steps.stream().mapToLong(StepCompleted::residentSet).max().orElse(0);
        return new TrainingOutcome(
                configuration.run().directory(),
                step,
                steps.stream().mapToDouble(StepCompleted::seconds).sum(),
                !ends.isEmpty() && ends.get(ends.size() - 1).stopped(),
                score,
                baselines.isEmpty()
                        ? Map.of()
                        : baselines.get(baselines.size() - 1).bitsPerBase(),
                tokensPerSecond,
                tokensPerSecond / configuration.data().sequenceLength(),
                mean(StepCompleted::modelFlops) / 1e9,
                mean(StepCompleted::mfu),
                mean(StepCompleted::hfu),
                new Bytes(
                        starts.stream()
                                .mapToLong(RunStarted::devicePlanned)
                                .max()
                                .orElse(0),
                        steps.stream()
                                .mapToLong(StepCompleted::devicePeak)
                                .max()
                                .orElse(0)),
                new Bytes(
                        starts.stream().mapToLong(RunStarted::hostPlanned).max().orElse(0),
                        steps.stream().mapToLong(StepCompleted::hostPeak).max().orElse(0)),
                steps.stream().map(StepCompleted::mask).filter(Objects::nonNull).reduce(MaskUse.NONE, MaskUse::plus),
                residentSetPeak,
                residentSetGrowth(),
                checkpoint);
    }

    /** The most that any attempt grew. Each is its own process, and some systems do not say what one holds. */
    private long residentSetGrowth() {
        long growth = 0;
        long before = 0;
        for (RunEvent event : events) {
            if (event instanceof RunStarted started) {
                before = started.residentSet();
            } else if (event instanceof StepCompleted step && before > 0) {
                growth = Math.max(growth, step.residentSet() - before);
            }
        }
        return growth;
    }

    private <E extends RunEvent> List<E> all(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Mean over the time of the steps; 0 without steps. */
    private double mean(ToDoubleFunction<StepCompleted> rate) {
        double seconds = steps.stream().mapToDouble(StepCompleted::seconds).sum();
        return seconds == 0
                ? 0
                : steps.stream()
                                .mapToDouble(step -> rate.applyAsDouble(step) * step.seconds())
                                .sum()
                        / seconds;
    }
}
