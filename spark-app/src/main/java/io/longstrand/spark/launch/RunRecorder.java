package io.longstrand.spark.launch;

import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.config.RunConfiguration;
import io.longstrand.metrics.Broadcast;
import io.longstrand.metrics.EventLog;
import io.longstrand.metrics.EventSink;
import io.longstrand.metrics.RunEvent;
import io.longstrand.metrics.RunFailed;
import io.longstrand.metrics.RunStarted;
import io.longstrand.metrics.StatusFile;
import io.longstrand.metrics.StepCompleted;
import io.longstrand.metrics.TensorBoardWriter;
import io.longstrand.spark.plugin.RankFailure;
import io.longstrand.spark.plugin.RankListener;
import io.longstrand.storage.AtomicPublish;
import io.longstrand.storage.FileStore;
import io.longstrand.train.StopAnswer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the run directory of one attempt from what the ranks report, and answers their heartbeats. Nothing is written
 * before the run has started, so that one refused for its input leaves nothing behind. Rank 0 speaks for the run; what
 * the others report goes to their logs.
 */
final class RunRecorder implements RankListener, AutoCloseable {
    private static final int DRIVER = -1;
    private static final Duration STATUS_EVERY = Duration.ofSeconds(1);

    private final FileStore store;
    private final RunDirectory run;
    private final RunConfiguration configuration;
    private final EventSink console;
    private final StopRequest stop;
    private final RankLogs logs;
    private final List<RunEvent> beforeStart = new ArrayList<>();
    private EventSink sinks;
    private RankFailure earliest;
    private long step;

    /** @param console not closed by this */
    RunRecorder(FileStore store, RunConfiguration configuration, EventSink console, StopRequest stop) {
        this.store = store;
        this.run = new RunDirectory(configuration.run().directory());
        this.configuration = configuration;
        this.console = console;
        this.stop = stop;
        this.logs = new RankLogs(store, run);
    }

    /** Whether the ranks began to train. */
    synchronized boolean started() {
        return sinks != null;
    }

    @Override
    public synchronized StopAnswer heartbeat(int rank, long done) {
        step = Math.max(step, done);
        return stop.answer();
    }

    @Override
    public synchronized void event(int rank, RunEvent event) {
        try {
            if (rank == 0) {
                if (event instanceof RunStarted started && sinks == null) {
                    start(started);
                } else if (sinks == null) {
                    beforeStart.add(event);
                } else {
                    accept(event);
                }
            }
            if (started() && !(event instanceof StepCompleted)) {
                logs.write(rank, event.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void start(RunStarted started) throws IOException {
        store.createDirectories(run.path());
        try (AtomicPublish publish = AtomicPublish.to(store, run.configuration())) {
            try (OutputStream output = store.create(publish.staging())) {
                output.write(configuration.resolved().getBytes(StandardCharsets.UTF_8));
            }
            publish.commit();
        }
        EventLog log = new EventLog(store, run.path());
        List<EventSink> written = new ArrayList<>();
        // An earlier attempt may have got further than the checkpoint this one goes on from.
        written.add(log.resume(started.step()));
        written.add(new StatusFile(store, run.status(), STATUS_EVERY));
        if (configuration.metrics().tensorboard()) {
            written.add(new TensorBoardWriter(store, run.tensorBoard()));
        }
        sinks = new Broadcast(written);
        step = started.step();
        accept(started);
        for (RunEvent event : beforeStart) {
            accept(event);
        }
        beforeStart.clear();
    }

    private void accept(RunEvent event) throws IOException {
        step = Math.max(step, event.step());
        sinks.accept(event);
        console.accept(event);
    }

    @Override
    public synchronized void failed(RankFailure failure) {
        if (earliest == null || failure.atMillis() < earliest.atMillis()) {
            earliest = failure;
        }
        if (!started()) {
            return;
        }
        try {
            logs.write(failure.rank(), failure.stackTrace());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Records that this attempt failed; without effect before it started. */
    synchronized void attemptFailed(String message) throws IOException {
        if (started()) {
            int rank = earliest == null ? DRIVER : earliest.rank();
            accept(new RunFailed(System.currentTimeMillis(), step, rank, message));
        }
    }

    @Override
    public synchronized void close() throws IOException {
        try (logs) {
            if (sinks != null) {
                sinks.close();
            }
        }
    }
}
