package io.longstrand.train;

/** The driver as a rank sees it. Implemented by {@code spark/plugin}; called from the rank's main thread. */
public interface Driver {
    /**
     * Tells that a step is done and asks how to go on.
     *
     * @param step steps done
     */
    StopAnswer heartbeat(long step);
}
