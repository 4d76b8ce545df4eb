package io.longstrand.spark.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.metrics.EventLog;
import io.longstrand.metrics.EventSink;
import io.longstrand.metrics.RunEvent;
import io.longstrand.metrics.StepCompleted;
import io.longstrand.spark.prepare.PrepareProgress;
import io.longstrand.storage.FileStore;
import io.longstrand.train.TrainingOutcome;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks in executor processes of their own share windows and state, and train the model one rank trains. */
class ShardedTrainingTest {
    private static final double CURVE_TOLERANCE = 1e-4;

    @TempDir
    static Path directory;

    private static ExecutorJvms executors;
    private static TrainingOutcome ofOne;

    @BeforeAll
    static void start() throws IOException {
        StringBuilder text = new StringBuilder(">chromosome\n");
        new Random(3).ints(6000, 0, 4).forEach(base -> text.append("ACGT".charAt(base)));
        Files.writeString(directory.resolve("genome.fa"), text.append('\n'), StandardCharsets.US_ASCII);
        executors = ExecutorJvms.start(2);
        ofOne = train("one", "parallel.data", 1, 0);
    }

    @AfterAll
    static void stop() {
        executors.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void two_processes_follow_the_curve_of_one(int stage) throws IOException {
        followsTheCurveOfOne("stage-" + stage, "parallel.data", stage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"parallel.context", "parallel.head", "parallel.tensor"})
    void two_processes_that_share_sequences_or_matrices_follow_the_curve_of_one(String axis) throws IOException {
        followsTheCurveOfOne(axis, axis, 1);
    }

    private static void followsTheCurveOfOne(String run, String axis, int stage) throws IOException {
        TrainingOutcome outcome = train(run, axis, 2, stage);

        List<Double> expected = losses("one");
        List<Double> losses = losses(run);
        assertThat(losses).hasSameSizeAs(expected);
        for (int step = 0; step < expected.size(); step++) {
            assertThat(losses.get(step)).isCloseTo(expected.get(step), within(CURVE_TOLERANCE));
        }
        assertThat(outcome.validation().bitsPerBase())
                .isCloseTo(ofOne.validation().bitsPerBase(), within(CURVE_TOLERANCE));
        assertThat(outcome.deviceBytes().peak()).isEqualTo(outcome.deviceBytes().planned());
        assertThat(outcome.hostBytes().peak()).isEqualTo(outcome.hostBytes().planned());
        assertThat(Path.of(outcome.checkpoint()).toFile().list()).hasSize(5);
    }

    private static TrainingOutcome train(String run, String axis, int ranks, int stage) throws IOException {
        int windows = axis.equals("parallel.data") ? ranks : 1;
        RunConfiguration configuration = new ConfigurationLoader()
                .load(
                        Optional.empty(),
                        List.of(
                                "data.inputs=[\"" + directory.resolve("genome.fa") + "\"]",
                                "run.directory=\"" + directory.resolve(run) + "\"",
                                "data.sequence-length=32",
                                "model.layers=3",
                                "model.hidden=32",
                                "model.heads=2",
                                "train.steps=20",
                                "train.micro-batch=2",
                                "train.accumulation=" + 2 / windows,
                                axis + "=" + ranks,
                                "zero.stage=" + stage));
        PrepareProgress quiet = new PrepareProgress(new PrintStream(OutputStream.nullOutputStream()));
        return new TrainingRun(executors.spark(), quiet, new Silent(), new StopRequest()).run(configuration);
    }

    private static List<Double> losses(String run) throws IOException {
        return new EventLog(FileStore.local(), directory.resolve(run).toString())
                .read().stream()
                        .filter(StepCompleted.class::isInstance)
                        .map(event -> ((StepCompleted) event).loss())
                        .toList();
    }

    /** Shows nothing. */
    private static final class Silent implements EventSink {
        @Override
        public void accept(RunEvent event) {}

        @Override
        public void close() {}
    }
}
