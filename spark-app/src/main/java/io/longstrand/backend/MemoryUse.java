package io.longstrand.backend;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes allocated in one place, now and at most. */
public final class MemoryUse {
    private final AtomicLong now = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();

    /** Takes note of an allocation. */
    public void add(long bytes) {
        peak.accumulateAndGet(now.addAndGet(bytes), Math::max);
    }

    /** Takes note that so many bytes were given back. */
    public void subtract(long bytes) {
        now.addAndGet(-bytes);
    }

    /** Most bytes ever allocated at once. */
    public long peak() {
        return peak.get();
    }
}
