package io.longstrand.backend.cpu;

import io.longstrand.config.UserError;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes of scratch all kernels of a backend hold together, and how many they may. */
final class ScratchUse {
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();
    private volatile long most = Long.MAX_VALUE;

    /** @throws UserError when that is more than they may */
    void add(long bytes) {
        long now = held.addAndGet(bytes);
        if (now > most) {
            held.addAndGet(-bytes);
            throw new UserError("memory.device-budget: kernels need " + bytes + " bytes of scratch more, "
                    + (now - bytes) + " of the " + most + " left to them are in use");
        }
        peak.accumulateAndGet(now, Math::max);
    }

    void subtract(long bytes) {
        held.addAndGet(-bytes);
    }

    /** Begins to count anew: nothing is held. @param limit bytes that may be held from now on */
    void restart(long limit) {
        most = limit;
        peak.set(0);
    }

    /** Most bytes ever held since the start. */
    long peak() {
        return peak.get();
    }
}
