package io.longstrand.parallel;

import io.longstrand.model.Batch;
import io.longstrand.model.Layout;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/** The whole model on one device: nothing is exchanged. */
public final class SingleDevice implements Layout {
    private final Kernels kernels;

    /** @param kernels of the device */
    public SingleDevice(Kernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public Tensor blockRows(Arena device, Tensor stream) {
        return stream;
    }

    @Override
    public Tensor enter(Tensor stream, Tensor block, int sequences) {
        return stream;
    }

    @Override
    public Tensor leave(Tensor block, Tensor stream, int sequences) {
        return block;
    }

    @Override
    public void crossEntropy(Tensor logits, Batch batch, long from, long to, Optional<Tensor> logitsGradient) {
        kernels.crossEntropy(
                logits,
                batch.labels().columns(from, to),
                batch.weights().columns(from, to),
                batch.losses().columns(from, to),
                logitsGradient);
    }

    @Override
    public void addPositions(Tensor positions, Tensor table, Tensor out) {
        kernels.embedding(positions, table, out, true);
    }

    @Override
    public void addPositionGradients(Tensor positions, Tensor outGradient, Tensor tableGradient) {
        kernels.embeddingBackward(positions, outGradient, tableGradient);
    }
}
