package io.longstrand.spark.launch;

import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.checkpoint.RunLock;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import io.longstrand.metrics.EventSink;
import io.longstrand.spark.prepare.PrepareJob;
import io.longstrand.spark.prepare.PrepareProgress;
import io.longstrand.spark.prepare.PrepareRequest;
import io.longstrand.storage.FileStore;
import io.longstrand.train.TrainingOutcome;
import java.io.IOException;
import java.util.Objects;
import org.apache.spark.api.java.JavaSparkContext;

/** A training run as the driver sees it: prepares what is missing, launches the ranks, records, tries again. */
public final class TrainingRun {
    private final JavaSparkContext spark;
    private final FileStore store;
    private final PrepareProgress progress;
    private final EventSink console;
    private final StopRequest stop;

    /**
     * @param progress where a person reads how preparing goes
     * @param console where a person reads how training goes
     * @param stop ends the run early
     */
    public TrainingRun(JavaSparkContext spark, PrepareProgress progress, EventSink console, StopRequest stop)
            throws IOException {
        this.spark = spark;
        this.store = new FileStore(spark.hadoopConfiguration());
        this.progress = progress;
        this.console = console;
        this.stop = stop;
    }

    /**
     * Trains.
     *
     * @param configuration of the run. Where its directory holds checkpoints, training goes on from the newest
     * @return rank 0's outcome
     * @throws UserError for bad input; then a run directory that was not there before is not there afterwards
     * @throws RunFailure when training failed and can be resumed
     */
    public TrainingOutcome run(RunConfiguration configuration) throws IOException {
        RunDirectory run = new RunDirectory(configuration.run().directory());
        boolean wasThere = store.exists(run.path());
        try (RunLock lock = RunLock.take(store, run)) {
            Objects.requireNonNull(lock);
            new RankLauncher(spark, configuration.comm())
                    .requireSlots(configuration.parallel().world());
            prepare(configuration);
            if (stop.isRequested()) {
                throw new RunFailure("stopped before the first step");
            }
            return attempts(configuration, run);
        } catch (UserError | EnvironmentError e) {
            if (!wasThere && !store.exists(run.configuration())) {
                store.delete(run.path());
            }
            throw e;
        }
    }

    private void prepare(RunConfiguration configuration) throws IOException {
        new PrepareJob(spark, progress).run(PrepareRequest.of(configuration));
    }

    /** A failed barrier stage is never retried by Spark, so the driver starts it again from the newest checkpoint. */
    private TrainingOutcome attempts(RunConfiguration configuration, RunDirectory run) throws IOException {
        RunConfiguration layout = configuration;
        for (int left = configuration.train().retries(); ; left--) {
            try (RunRecorder recorder = new RunRecorder(store, configuration, console, stop)) {
                try {
                    return new RankLauncher(spark, layout.comm())
                            .launch(layout.parallel().world(), new TrainingWork(layout, store), recorder)
                            .get(0);
                } catch (RankException | RunFailure e) {
                    recorder.attemptFailed(e.getMessage());
                    if (e instanceof RankException && !recorder.started()) {
                        throw e;
                    }
                    if (left == 0 || stop.isRequested()) {
                        throw resumable(e, run);
                    }
                    layout = nextLayout(configuration, run, e);
                } catch (RuntimeException e) {
                    recorder.attemptFailed(String.valueOf(e.getMessage()));
                    throw e;
                }
            }
        }
    }

    private RunConfiguration nextLayout(RunConfiguration configuration, RunDirectory run, RuntimeException failure)
            throws IOException {
        try {
            return new Survivors(spark.sc()).layout(configuration);
        } catch (EnvironmentError e) {
            throw resumable(new RunFailure(failure.getMessage() + "; no retry: " + e.getMessage(), failure), run);
        }
    }

    /** Says how to go on, where there is something to go on from. */
    private RunFailure resumable(RuntimeException failure, RunDirectory run) throws IOException {
        if (!store.exists(run.configuration())) {
            return new RunFailure(failure.getMessage() + "; it had not begun to train, start it again", failure);
        }
        String stackTrace = failure instanceof RankException ? "; stack trace in " + run.path() + "/logs" : "";
        return new RunFailure(failure.getMessage() + stackTrace + "; continue with " + resumeCommand(run), failure);
    }

    /** What continues a run. */
    public static String resumeCommand(RunDirectory run) {
        return "submit/longstrand train --resume run.directory=" + run.path();
    }
}
