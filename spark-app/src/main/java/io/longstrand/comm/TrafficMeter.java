package io.longstrand.comm;

import java.util.EnumMap;
import java.util.Map;

/** Adds up what operations send and how long they take. Thread-safe. */
public final class TrafficMeter {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Map<OperationKind, Traffic> traffic = new EnumMap<>(OperationKind.class);

    /** An operation sends so many bytes of elements. */
    public synchronized void sent(OperationKind kind, long bytes) {
        add(kind, new Traffic(0, bytes, 0));
    }

    /** An operation ended, so long after it began to move data. */
    public synchronized void ended(OperationKind kind, long nanos) {
        add(kind, new Traffic(1, 0, nanos / NANOS_PER_SECOND));
    }

    synchronized Map<OperationKind, Traffic> traffic() {
        Map<OperationKind, Traffic> all = new EnumMap<>(OperationKind.class);
        for (OperationKind kind : OperationKind.values()) {
            all.put(kind, traffic.getOrDefault(kind, Traffic.NONE));
        }
        return all;
    }

    private void add(OperationKind kind, Traffic more) {
        traffic.merge(
                kind,
                more,
                (a, b) -> new Traffic(
                        a.operations() + b.operations(), a.bytesSent() + b.bytesSent(), a.seconds() + b.seconds()));
    }
}
