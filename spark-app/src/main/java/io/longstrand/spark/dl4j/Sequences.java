package io.longstrand.spark.dl4j;

import io.longstrand.comm.Communicator;
import io.longstrand.config.UserError;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Truncated backpropagation updates once a segment, so all ranks need sequences of as many segments. */
final class Sequences {
    private final boolean truncated;
    private final Communicator ranks;
    private final INDArray lengths;

    Sequences(Replica replica, Communicator ranks) {
        truncated = replica.truncatesSequences();
        this.ranks = ranks;
        lengths = Nd4j.create(DataType.FLOAT, 1, ranks.size());
    }

    /** @throws UserError on every rank, when their sequences of a step differ in length */
    void requireEqualLengths(MultiDataSet examples) {
        if (!truncated) {
            return;
        }
        INDArray features = examples.getFeatures(0);
        lengths.assign(0);
        lengths.putScalar(ranks.rank(), features.rank() < 3 ? 1 : features.size(2));
        ranks.allReduce(ArrayMemory.tensor(lengths));
        for (int rank = 1; rank < ranks.size(); rank++) {
            if (lengths.getDouble(rank) != lengths.getDouble(0)) {
                throw new UserError(
                        "in one step the sequences of rank 0 have " + lengths.getInt(0) + " time steps, those"
                                + " of rank " + rank + " " + lengths.getInt(rank)
                                + "; with truncated backpropagation all need the"
                                + " same: pad and mask them, or use BackpropType.Standard");
            }
        }
    }
}
