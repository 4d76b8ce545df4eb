package io.longstrand.metrics;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.longstrand.storage.AtomicPublish;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** Keeps {@code status.json} up to date; a reader always finds a whole file. */
public final class StatusFile implements EventSink {
    private final FileStore store;
    private final String path;
    private final long everyNanos;
    private final ObjectMapper mapper;
    private final Progress progress = new Progress();
    private long written;
    private boolean any;

    /**
     * @param path of {@code status.json}
     * @param every shortest time between two writes after a step; other events are written at once
     */
    public StatusFile(FileStore store, String path, Duration every) {
        this.store = store;
        this.path = path;
        this.everyNanos = every.toNanos();
        this.mapper = mapper();
    }

    /** Reads a run's status. @throws java.io.FileNotFoundException when there is none */
    public static RunStatus read(FileStore store, String path) throws IOException {
        try (InputStream input = store.open(path)) {
            return mapper().readValue(input, RunStatus.class);
        }
    }

    @Override
    public void accept(RunEvent event) throws IOException {
        progress.accept(event);
        boolean due = !any || System.nanoTime() - written >= everyNanos;
        if (due || !(event instanceof StepCompleted)) {
            write();
        }
    }

    @Override
    public void close() throws IOException {
        if (any) {
            write();
        }
    }

    private void write() throws IOException {
        byte[] json =
                mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(progress.status(System.currentTimeMillis()));
        try (AtomicPublish publish = AtomicPublish.to(store, path)) {
            try (OutputStream output = store.create(publish.staging())) {
                output.write(json);
            }
            publish.commit();
        }
        written = System.nanoTime();
        any = true;
    }

    private static ObjectMapper mapper() {
        return JsonMapper.builder()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
    }
}
