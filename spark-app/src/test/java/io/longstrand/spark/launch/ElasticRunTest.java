package io.longstrand.spark.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.RunFailure;
import io.longstrand.metrics.EventLog;
import io.longstrand.metrics.EventSink;
import io.longstrand.metrics.RunEvent;
import io.longstrand.metrics.RunStarted;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of two ranks, one of which loses its executor for good. */
class ElasticRunTest {
    private static final int STEPS = 12;
    private static final int FAILING_STEP = 5;

    @TempDir
    private Path directory;

    @Test
    void an_elastic_run_goes_on_with_the_ranks_that_are_left_on_the_same_curve() throws IOException {
        try (ExecutorJvms executors = start()) {
            train(executors, "undisturbed", false);
            TrainingOutcome outcome = train(executors, "elastic", true, "parallel.elastic=true", "train.retries=1");

            assertThat(outcome.steps()).isEqualTo(STEPS);
        }
        assertThat(worlds("elastic")).containsExactly(2, 1);
        List<Double> expected = losses("undisturbed");
        List<Double> found = losses("elastic");
        assertThat(found).hasSize(STEPS);
        for (int step = 0; step < STEPS; step++) {
            assertThat(found.get(step)).isCloseTo(expected.get(step), within(1e-4));
        }
    }

    @Test
    void a_run_that_is_not_elastic_says_what_is_missing_and_how_to_go_on() throws IOException {
        try (ExecutorJvms executors = start()) {
            assertThatThrownBy(() -> train(executors, "rigid", true, "train.retries=1"))
                    .isInstanceOf(RunFailure.class)
                    .hasMessageContaining("rank ")
                    .hasMessageContaining("no retry: 2 ranks need 2 slots at once")
                    .hasMessageContaining("continue with submit/longstrand train --resume run.directory="
                            + directory.resolve("rigid"));
        }
        assertThat(worlds("rigid")).containsExactly(2);
    }

    private static ExecutorJvms start() throws IOException {
        return ExecutorJvms.start(2, "spark.scheduler.maxRegisteredResourcesWaitingTime", "3s");
    }

    private TrainingOutcome train(ExecutorJvms executors, String run, boolean failing, String... more)
            throws IOException {
        List<String> settings = new ArrayList<>(List.of(
                "data.inputs=[\"" + genome() + "\"]",
                "run.directory=\"" + directory.resolve(run) + "\"",
                "data.sequence-length=32",
                "model.layers=1",
                "model.hidden=32",
                "model.heads=2",
                "train.steps=" + STEPS,
                "train.micro-batch=4",
                "parallel.data=2",
                "checkpoint.every=2"));
        settings.addAll(List.of(more));
        RunConfiguration configuration = new ConfigurationLoader().load(Optional.empty(), settings);
        PrepareProgress quiet = new PrepareProgress(new PrintStream(OutputStream.nullOutputStream()));
        EventSink console = failing ? new Losing(executors.spark()) : new Losing(null);
        return new TrainingRun(executors.spark(), quiet, console, new StopRequest()).run(configuration);
    }

    private Path genome() throws IOException {
        Path file = directory.resolve("genome.fa");
        StringBuilder text = new StringBuilder(">chromosome\n");
        new Random(3).ints(6000, 0, 4).forEach(base -> text.append("ACGT".charAt(base)));
        return Files.writeString(file, text.append('\n'), StandardCharsets.US_ASCII);
    }

    private List<RunEvent> events(String run) throws IOException {
        return new EventLog(FileStore.local(), directory.resolve(run).toString()).read();
    }

    private List<Integer> worlds(String run) throws IOException {
        return events(run).stream()
                .filter(RunStarted.class::isInstance)
                .map(event -> ((RunStarted) event).world())
                .toList();
    }

    private List<Double> losses(String run) throws IOException {
        return events(run).stream()
                .filter(StepCompleted.class::isInstance)
                .map(event -> ((StepCompleted) event).loss())
                .toList();
    }

    /** Gives an executor back to the cluster at a step, once: Spark does not start another for it. */
    private static final class Losing implements EventSink {
        private JavaSparkContext spark;

        /** @param spark whose executor is lost; null: none is */
        Losing(JavaSparkContext spark) {
            this.spark = spark;
        }

        @Override
        public void accept(RunEvent event) {
            if (spark != null && event instanceof StepCompleted step && step.step() == FAILING_STEP) {
                spark.sc().killExecutor(spark.sc().getExecutorIds().head());
                spark = null;
            }
        }

        @Override
        public void close() {}
    }
}
