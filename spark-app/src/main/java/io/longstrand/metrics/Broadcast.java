package io.longstrand.metrics;

import java.io.IOException;
import java.util.List;

/** Sends every event to several sinks, in their order. */
public final class Broadcast implements EventSink {
    private final List<EventSink> sinks;

    /** @param sinks closed with this one */
    public Broadcast(List<EventSink> sinks) {
        this.sinks = List.copyOf(sinks);
    }

    @Override
    public void accept(RunEvent event) throws IOException {
        for (EventSink sink : sinks) {
            sink.accept(event);
        }
    }

    /** Closes every sink, also when one fails. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (EventSink sink : sinks) {
            try {
                sink.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
