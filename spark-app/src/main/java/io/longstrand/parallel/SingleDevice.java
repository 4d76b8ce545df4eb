package io.longstrand.parallel;

import io.longstrand.model.Layout;
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
    public Tensor enter(Tensor stream) {
        return stream;
    }

    @Override
    public Tensor leave(Tensor partial) {
        return partial;
    }

    @Override
    public void crossEntropy(
            Tensor logits, Tensor labels, Tensor weights, Tensor losses, Optional<Tensor> logitsGradient) {
        kernels.crossEntropy(logits, labels, weights, losses, logitsGradient);
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
