package io.longstrand.spark.dl4j;

import java.io.Serializable;
import java.util.List;
import org.deeplearning4j.core.storage.Persistable;
import org.deeplearning4j.core.storage.StorageMetaData;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a rank brings back.
 *
 * @param parameters (parameters) from rank 0; null from the others, which have the same
 * @param state its slice of the updater's state; empty without one
 * @param steps how often parameters were updated
 * @param score mean over the examples of the last step, of all ranks
 * @param report what it trained with and sent
 * @param stats where its time went; null when nobody asked
 * @param recorded what its listeners recorded
 */
record RankOutcome(
        INDArray parameters,
        float[] state,
        int steps,
        double score,
        FitReport report,
        ZeroTrainingStats stats,
        Recorded recorded)
        implements Serializable {
    /** What listeners put into their storage. */
    record Recorded(List<StorageMetaData> metaData, List<Persistable> staticInfo, List<Persistable> updates)
            implements Serializable {}
}
