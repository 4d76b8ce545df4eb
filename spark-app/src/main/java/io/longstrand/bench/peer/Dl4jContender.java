package io.longstrand.bench.peer;

import io.longstrand.spark.dl4j.ZeroTrainingMaster;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;

/**
 * A way to train on Spark.
 *
 * @param averagingFrequency of DL4J's parameter averaging; 0: a {@link ZeroTrainingMaster}
 */
record Dl4jContender(int averagingFrequency) {
    /** The one of a name: {@code zero}, or {@code averaging-} and a frequency. */
    static Dl4jContender named(String name) {
        return new Dl4jContender(name.equals("zero") ? 0 : Integer.parseInt(name.substring("averaging-".length())));
    }

    /** Configured for two executors and batches of a size, as its documentation says. */
    TrainingMaster<?, ?> master(int ranks, int batch) {
        if (averagingFrequency == 0) {
            return new ZeroTrainingMaster.Builder(ranks)
                    .batchSizePerWorker(batch)
                    .build();
        }
        return new ParameterAveragingTrainingMaster.Builder(ranks, batch)
                .batchSizePerWorker(batch)
                .averagingFrequency(averagingFrequency)
                .saveUpdater(true)
                // The other approach goes by files that all executors see.
                .rddTrainingApproach(RDDTrainingApproach.Direct)
                .build();
    }
}
