package io.longstrand.backend.nd4j;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes allocated in one place, now and at most. */
final class MemoryUse {
    private final AtomicLong now = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();

    void add(long bytes) {
        peak.accumulateAndGet(now.addAndGet(bytes), Math::max);
    }

    void subtract(long bytes) {
        now.addAndGet(-bytes);
    }

    long peak() {
        return peak.get();
    }
}
