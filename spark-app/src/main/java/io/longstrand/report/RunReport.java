package io.longstrand.report;

import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.config.UserError;
import io.longstrand.metrics.EventLog;
import io.longstrand.metrics.RunStatus;
import io.longstrand.metrics.StatusFile;
import io.longstrand.storage.AtomicPublish;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Makes {@code report.html} from what a run directory holds, while the run goes on or at any later time. */
public final class RunReport {
    private final FileStore store;
    private final RunDirectory run;

    /** @param run the run to report on */
    public RunReport(FileStore store, RunDirectory run) {
        this.store = store;
        this.run = run;
    }

    /**
     * Writes the report, replacing the one that is there.
     *
     * @return its path
     * @throws UserError when the directory holds no run that has started
     */
    public String write() throws IOException {
        RunHistory history = RunHistory.of(new EventLog(store, run.path()).read());
        if (history.starts().isEmpty()) {
            throw new UserError(
                    run.path() + " holds no run: expected a run directory with the events.jsonl of a training run");
        }
        Optional<RunStatus> status =
                store.exists(run.status()) ? Optional.of(StatusFile.read(store, run.status())) : Optional.empty();
        String html = new ReportPage(history, status, configuration()).html();
        try (AtomicPublish publish = AtomicPublish.to(store, run.report())) {
            try (OutputStream output = store.create(publish.staging())) {
                output.write(html.getBytes(StandardCharsets.UTF_8));
            }
            publish.commit();
        }
        return run.report();
    }

    private String configuration() throws IOException {
        if (!store.exists(run.configuration())) {
            return "config.conf is missing";
        }
        try (InputStream input = store.open(run.configuration())) {
            return new String(input.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
