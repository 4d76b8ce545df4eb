package io.longstrand.model;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/** A norm over the columns of each row. */
interface Norm {
    /** Added to the variance or the mean square. */
    float EPSILON = 1e-5f;

    /**
     * What the forward pass found out about each row.
     *
     * @param mean FLOAT32 (1, tokens); layer norm only
     * @param scale FLOAT32 (1, tokens): inverse deviation, or inverse root
     */
    record Statistics(Optional<Tensor> mean, Tensor scale) {
        /** Of the rows {@code from} to {@code to}. */
        Statistics rows(long from, long to) {
            return new Statistics(mean.map(all -> all.columns(from, to)), scale.columns(from, to));
        }
    }

    /** Whether the mean is among its statistics. */
    boolean hasMean();

    /** Room for the statistics of some rows, to be written by {@link #forward}. */
    default Statistics room(Arena device, String owner, long rows) {
        Optional<Tensor> mean =
                hasMean() ? Optional.of(device.allocate(owner, DataType.FLOAT32, 1, rows)) : Optional.empty();
        return new Statistics(mean, device.allocate(owner, DataType.FLOAT32, 1, rows));
    }

    /** Norms each row. @param in (tokens, hidden) @param out (tokens, hidden) @param statistics written */
    void forward(Tensor in, Tensor out, Statistics statistics);

    /** Backward of {@link #forward}. @param inGradient (tokens, hidden), added to */
    void backward(Tensor outGradient, Tensor in, Statistics statistics, Gradients gradients, Tensor inGradient);
}
