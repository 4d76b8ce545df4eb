package io.longstrand.metrics;

import java.util.LinkedHashMap;
import java.util.Map;

/** A small run's events, for tests. */
public final class Sample {
    public Machine machine() {
        return new Machine("Example <CPU> & more", 2, 8L << 30, "17.0.1", "cpu", 40e9);
    }

    public RunStarted started(long step) {
        return new RunStarted(
                1_700_000_000_000L + step,
                step,
                "/runs/a",
                40,
                803_000,
                1,
                machine(),
                300L << 20,
                1L << 20,
                100L << 20);
    }

    public StepCompleted step(long step) {
        return new StepCompleted(
                1_700_000_000_000L + 100 * step,
                step,
                2048 * step,
                4.2 - 0.01 * step,
                2.0 - 0.005 * step,
                0.003,
                1.25,
                20_480,
                10e9,
                12e9,
                0.25,
                0.3,
                100L << 20,
                200L << 20,
                0,
                1L << 20,
                400L << 20,
                0.1,
                new MaskUse(1L << 16, 1L << 17, 6, 1L << 14, 0.002, 0.001));
    }

    public ValidationCompleted validation(long step, boolean complete) {
        return new ValidationCompleted(
                1_700_000_000_000L + 100 * step, step, 1.85 - 0.002 * step, 165_298, complete, 2);
    }

    public BaselinesScored baselines() {
        Map<String, Double> baselines = new LinkedHashMap<>();
        baselines.put("2-bit", 2.0);
        baselines.put("order-2", 1.91);
        baselines.put("order-6", 1.83);
        baselines.put("mix", 1.827);
        return new BaselinesScored(1_700_000_000_000L, 0, baselines, 165_298);
    }

    public CheckpointWritten checkpoint(long step) {
        return new CheckpointWritten(
                1_700_000_000_000L + 100 * step, step, "/runs/a/checkpoints/step-" + step, 9_600_000, 0.2);
    }

    public RunFinished finished(long step, boolean stopped) {
        return new RunFinished(
                1_700_000_000_000L + 100 * step, step, stopped, 0.1 * step, "/runs/a/checkpoints/step-" + step);
    }
}
