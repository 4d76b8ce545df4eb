package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.config.RunConfiguration;
import io.longstrand.train.TinyRun.RecordingDriver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A run that several layouts do in turn, each going on from the checkpoint of the one before. */
final class Relay {
    private static final double CURVE_TOLERANCE = 1e-4;

    private final List<Double> losses = new ArrayList<>();
    private TrainingOutcome last;

    /** Goes on until so many steps are done. @return what the first rank says of it, as all others do */
    TrainingOutcome leg(RunConfiguration configuration, long until) {
        RecordingDriver driver = new RecordingDriver(step -> step == until ? StopAnswer.STOP : StopAnswer.GO_ON);
        List<TrainingOutcome> outcomes = TinyRun.trainTogether(configuration, driver);
        losses.addAll(driver.losses());
        last = outcomes.get(0);
        assertThat(outcomes).extracting(TrainingOutcome::steps).containsOnly(until);
        assertThat(outcomes).extracting(TrainingOutcome::checkpoint).containsOnly(last.checkpoint());
        return last;
    }

    /** Whether it came the same way to the same score as a run of one rank that nothing interrupts. */
    void assertFollows(RunConfiguration alone) throws IOException {
        RecordingDriver driver = new RecordingDriver();
        TrainingOutcome expected = TinyRun.train(alone, driver);
        assertThat(losses).hasSameSizeAs(driver.losses());
        for (int step = 0; step < losses.size(); step++) {
            assertThat(losses.get(step))
                    .as("loss of step %d", step + 1)
                    .isCloseTo(driver.losses().get(step), within(CURVE_TOLERANCE));
        }
        assertThat(last.validation().bitsPerBase())
                .isCloseTo(expected.validation().bitsPerBase(), within(CURVE_TOLERANCE));
    }
}
