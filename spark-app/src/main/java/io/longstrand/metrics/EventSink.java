package io.longstrand.metrics;

import java.io.IOException;

/** Where events go. Called by one thread at a time, in the order the events happened. */
public interface EventSink extends AutoCloseable {
    /** Writes one event; when this returns, readers of the run directory may see it. */
    void accept(RunEvent event) throws IOException;

    /** Writes what is left and releases the files. */
    @Override
    void close() throws IOException;
}
