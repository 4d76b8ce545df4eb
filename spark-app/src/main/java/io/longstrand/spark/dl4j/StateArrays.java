package io.longstrand.spark.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Moves the updater's state between DL4J's one array and the ranks' slices.
 *
 * @param layout how it is cut
 * @param whole (elements) the network's state; null without one
 */
record StateArrays(StateLayout layout, INDArray whole) {
    /** A rank's slice. */
    float[] slice(int rank) {
        float[] slice = new float[layout.stateElements(rank)];
        for (StateLayout.Stretch stretch : layout.stretches(rank)) {
            float[] values = OwnedBlock.range(whole, stretch.whole(), stretch.whole() + stretch.length())
                    .toFloatVector();
            System.arraycopy(values, 0, slice, stretch.slice(), stretch.length());
        }
        return slice;
    }

    /** Puts a rank's slice back. */
    void put(int rank, float[] slice) {
        INDArray values = array(slice);
        for (StateLayout.Stretch stretch : layout.stretches(rank)) {
            OwnedBlock.range(whole, stretch.whole(), stretch.whole() + stretch.length())
                    .assign(OwnedBlock.range(values, stretch.slice(), stretch.slice() + stretch.length()));
        }
    }

    /** A slice as an array (elements) outside the heap; null for an empty one. */
    static INDArray array(float[] slice) {
        return slice.length == 0 ? null : Nd4j.createFromArray(slice);
    }
}
