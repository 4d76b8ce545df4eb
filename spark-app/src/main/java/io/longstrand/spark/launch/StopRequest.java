package io.longstrand.spark.launch;

import io.longstrand.train.StopAnswer;

/** Whether somebody wants the run to end early; ranks hear of it with their next heartbeat. */
public final class StopRequest {
    private volatile boolean requested;

    /** Asks the run to finish its step, save and end. */
    public void request() {
        requested = true;
    }

    /** Whether {@link #request} was called. */
    public boolean isRequested() {
        return requested;
    }

    /** The answer to a heartbeat. */
    StopAnswer answer() {
        return requested ? StopAnswer.STOP : StopAnswer.GO_ON;
    }
}
