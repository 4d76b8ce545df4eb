package io.longstrand.train;

import io.longstrand.metrics.RunEvent;

/** The driver as a rank sees it. Implemented by {@code spark/plugin}; called from the rank's main thread. */
public interface Driver {
    /**
     * Tells that a step is computed and about to end, and asks how to go on behind it. Every rank tells; the answer to
     * rank 0 counts.
     *
     * @param step its number
     */
    StopAnswer heartbeat(long step);

    /** Reports an event of the run; only rank 0 does. */
    void event(RunEvent event);
}
