package io.longstrand.train;

/** What the driver answers a heartbeat with; every rank acts on it at the same step. */
public enum StopAnswer {
    /** Continue. */
    GO_ON,
    /** Save a checkpoint after this step, then continue. */
    CHECKPOINT,
    /** Save a checkpoint after this step, then end. */
    STOP
}
