package io.longstrand.spark.plugin;

import io.longstrand.metrics.RunEvent;
import java.io.Serializable;

/** What a rank tells the driver. */
sealed interface RankMessage extends Serializable {
    /** Which launch it belongs to: an earlier attempt may still be talking. */
    String launch();

    /** A step is done. Answered with the name of a {@link io.longstrand.train.StopAnswer}. */
    record Heartbeat(String launch, int rank, long step) implements RankMessage {}

    /** Something worth recording happened. */
    record Event(String launch, int rank, RunEvent event) implements RankMessage {}

    /** The rank's task runs. */
    record Placed(String launch, int rank, String executor, String host, long process) implements RankMessage {}

    /** The rank's work is done and its result on its way. */
    record Left(String launch, int rank) implements RankMessage {}

    /** The rank failed. */
    record Failure(String launch, RankFailure failure) implements RankMessage {}
}
