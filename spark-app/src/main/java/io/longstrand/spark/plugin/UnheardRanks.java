package io.longstrand.spark.plugin;

import io.longstrand.metrics.RunEvent;
import io.longstrand.train.StopAnswer;

/** For ranks that send nothing but their result: nobody listens, and all go on. */
public final class UnheardRanks implements RankListener {
    /** Listens to nothing. */
    public UnheardRanks() {}

    @Override
    public StopAnswer heartbeat(int rank, long step) {
        return StopAnswer.GO_ON;
    }

    @Override
    public void event(int rank, RunEvent event) {}

    @Override
    public void failed(RankFailure failure) {}
}
