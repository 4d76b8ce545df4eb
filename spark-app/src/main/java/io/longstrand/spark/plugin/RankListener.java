package io.longstrand.spark.plugin;

import io.longstrand.metrics.RunEvent;
import io.longstrand.train.StopAnswer;

/** The driver's ear; called from Spark's RPC threads, one message at a time. */
public interface RankListener {
    /** A rank finished a step and asks how to go on. */
    StopAnswer heartbeat(int rank, long step);

    /** A rank has something to record. Messages of one rank arrive in the order it sent them. */
    void event(int rank, RunEvent event);

    /** A rank failed. */
    void failed(RankFailure failure);
}
