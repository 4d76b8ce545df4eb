package io.longstrand.comm;

/** What ranks can do together. */
public enum OperationKind {
    /** Every rank gets the sum over all ranks. */
    ALL_REDUCE("all-reduce"),
    /** Every rank gets its slice of the sum. */
    REDUCE_SCATTER("reduce-scatter"),
    /** Every rank gets every rank's slice. */
    ALL_GATHER("all-gather"),
    /** Every rank gives every other its own part. */
    ALL_TO_ALL("all-to-all"),
    /** Every rank gets what one of them has. */
    BROADCAST("broadcast"),
    /** One rank gives another something. */
    SEND_RECEIVE("send/receive");

    private final String title;

    OperationKind(String title) {
        this.title = title;
    }

    /** As messages and tables call it. */
    public String title() {
        return title;
    }
}
