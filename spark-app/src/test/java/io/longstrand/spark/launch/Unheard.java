package io.longstrand.spark.launch;

import io.longstrand.metrics.RunEvent;
import io.longstrand.spark.plugin.RankFailure;
import io.longstrand.spark.plugin.RankListener;
import io.longstrand.train.StopAnswer;

/** A driver that listens to nothing. */
final class Unheard implements RankListener {
    @Override
    public StopAnswer heartbeat(int rank, long step) {
        return StopAnswer.GO_ON;
    }

    @Override
    public void event(int rank, RunEvent event) {}

    @Override
    public void failed(RankFailure failure) {}
}
