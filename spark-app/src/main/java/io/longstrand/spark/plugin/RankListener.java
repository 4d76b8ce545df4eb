package io.longstrand.spark.plugin;

import io.longstrand.metrics.RunEvent;
import io.longstrand.train.StopAnswer;

/** The driver's ear; called from Spark's RPC threads, one message at a time. */
public interface RankListener {
    /** A rank finished a step and asks how to go on. */
    StopAnswer heartbeat(int rank, long step);

    /** A rank has something to record. Messages of one rank arrive in the order it sent them. */
    void event(int rank, RunEvent event);

    /** A rank's task runs on an executor, by Spark's name for it, in a process of a host. */
    default void placed(int rank, String executor, String host, long process) {}

    /** A rank is done and holds nothing any more. */
    default void left(int rank) {}

    /** A rank failed; it holds nothing any more. */
    void failed(RankFailure failure);
}
