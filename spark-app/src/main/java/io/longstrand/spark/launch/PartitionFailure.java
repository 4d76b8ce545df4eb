package io.longstrand.spark.launch;

import io.longstrand.spark.plugin.RankFailure;

/** How a rank failed, as Spark itself carries it to the driver where there is no plugin to tell it. */
final class PartitionFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final RankFailure failure;

    PartitionFailure(RankFailure failure, Throwable cause) {
        super("rank " + failure.rank() + " failed: " + failure.message(), cause);
        this.failure = failure;
    }

    RankFailure failure() {
        return failure;
    }
}
