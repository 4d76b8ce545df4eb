package io.longstrand.spark.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.RunFailure;
import io.longstrand.metrics.EventLog;
import io.longstrand.metrics.EventSink;
import io.longstrand.metrics.RunEvent;
import io.longstrand.metrics.RunFailed;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs, whose barrier stage Spark ends in the middle. */
class TrainingRunTest {
    private static final long STEPS = 40;
    private static final long FAILING_STEP = 5;

    @TempDir
    private Path directory;

    private JavaSparkContext spark;

    @BeforeEach
    void start() {
        SparkConf conf = new SparkConf().setMaster("local[1]").setAppName("TrainingRunTest");
        spark = new JavaSparkContext(SparkOpener.configuration(conf));
    }

    @AfterEach
    void stop() {
        spark.close();
    }

    @Test
    void a_retried_run_goes_on_from_its_newest_checkpoint_with_the_same_losses() throws IOException {
        Failing once = new Failing(1);

        TrainingOutcome undisturbed = train("undisturbed", new Failing(0));
        TrainingOutcome retried = train("retried", once, "train.retries=1");

        assertThat(once.failures).hasValue(1);
        assertThat(retried.steps()).isEqualTo(STEPS);
        assertThat(retried.validation()).isEqualTo(undisturbed.validation());
        assertThat(losses("retried")).hasSize((int) STEPS).isEqualTo(losses("undisturbed"));
    }

    @Test
    void a_run_that_fails_more_often_than_it_may_be_retried_says_how_to_go_on() throws IOException {
        Failing twice = new Failing(2);

        assertThatThrownBy(() -> train("failed", twice, "train.retries=1"))
                .isInstanceOf(RunFailure.class)
                .hasMessageContaining("submit/longstrand train --resume run.directory=" + run("failed"));

        assertThat(twice.failures).hasValue(2);
        assertThat(events("failed")).last().isInstanceOf(RunFailed.class);
    }

    private TrainingOutcome train(String run, EventSink console, String... more) throws IOException {
        List<String> settings = new ArrayList<>(List.of(
                "data.inputs=[\"" + genome() + "\"]",
                "run.directory=\"" + run(run) + "\"",
                "data.sequence-length=32",
                "model.layers=1",
                "model.hidden=32",
                "model.heads=2",
                "train.steps=" + STEPS,
                "train.micro-batch=4",
                "checkpoint.every=2"));
        settings.addAll(List.of(more));
        RunConfiguration configuration = new ConfigurationLoader().load(Optional.empty(), settings);
        PrepareProgress quiet = new PrepareProgress(new PrintStream(OutputStream.nullOutputStream()));
        return new TrainingRun(spark, quiet, console, new StopRequest()).run(configuration);
    }

    private Path run(String run) {
        return directory.resolve(run);
    }

    private Path genome() throws IOException {
        Path file = directory.resolve("genome.fa");
        StringBuilder text = new StringBuilder(">chromosome\n");
        new Random(3).ints(6000, 0, 4).forEach(base -> text.append("ACGT".charAt(base)));
        return Files.writeString(file, text.append('\n'), StandardCharsets.US_ASCII);
    }

    private List<RunEvent> events(String run) throws IOException {
        return new EventLog(FileStore.local(), run(run).toString()).read();
    }

    private List<Double> losses(String run) throws IOException {
        return events(run).stream()
                .filter(StepCompleted.class::isInstance)
                .map(event -> ((StepCompleted) event).loss())
                .toList();
    }

    /** Has Spark end the barrier stage at a step, the first times it is reached. */
    private final class Failing implements EventSink {
        private final int times;
        private final AtomicInteger failures = new AtomicInteger();

        Failing(int times) {
            this.times = times;
        }

        @Override
        public void accept(RunEvent event) {
            if (event instanceof StepCompleted step && step.step() == FAILING_STEP && failures.get() < times) {
                failures.incrementAndGet();
                spark.sc().cancelAllJobs();
                awaitNoJob();
            }
        }

        /** While this event is being heard the rank's next heartbeat is not answered: it cannot finish first. */
        private void awaitNoJob() {
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (spark.statusTracker().getActiveJobIds().length > 0 && System.nanoTime() < deadline) {
                LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            }
        }

        @Override
        public void close() {}
    }
}
