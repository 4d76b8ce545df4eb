package io.longstrand.metrics;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Appends events to a log, each flushed; begins a new part every minute where only closed files can be read. */
final class EventLogSink implements EventSink {
    private static final long PART_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final EventLog log;
    private final EventFormat format = new EventFormat();
    private int part;
    private long opened;
    private OutputStream output;

    EventLogSink(EventLog log, int part) throws IOException {
        this.log = log;
        this.part = part;
        open();
    }

    @Override
    public void accept(RunEvent event) throws IOException {
        if (!log.showsFlushedBytes() && System.nanoTime() - opened > PART_NANOS) {
            output.close();
            part++;
            open();
        }
        output.write((format.write(event) + "\n").getBytes(StandardCharsets.UTF_8));
        output.flush();
    }

    @Override
    public void close() throws IOException {
        output.close();
    }

    private void open() throws IOException {
        output = log.open(part);
        opened = System.nanoTime();
    }
}
