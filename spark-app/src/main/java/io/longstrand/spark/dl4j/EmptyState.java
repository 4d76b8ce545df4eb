package io.longstrand.spark.dl4j;

import java.util.List;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Address space for the whole updater state, which DL4J's updaters ask for when they find out what their blocks are. It
 * is never written, so it takes no memory, and given back at once.
 */
final class EmptyState {
    private EmptyState() {}

    /** The array; null when there is no state. */
    static INDArray of(int elements) {
        return elements == 0 ? null : Nd4j.createUninitialized(DataType.FLOAT, elements);
    }

    /** Gives it back. @return null, for the field that held it */
    static INDArray release(INDArray space, List<UpdaterBlock> blocks) {
        for (UpdaterBlock block : blocks) {
            block.setUpdaterView(null);
            block.setGradientUpdater(null);
        }
        if (space != null) {
            space.close();
        }
        return null;
    }
}
