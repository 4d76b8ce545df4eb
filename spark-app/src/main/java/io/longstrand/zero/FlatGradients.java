package io.longstrand.zero;

import io.longstrand.model.Gradients;
import io.longstrand.model.Parameter;
import io.longstrand.tensor.Tensor;

/** All gradients of a model in one flat device tensor; one rank has nobody to reduce them with. */
public final class FlatGradients implements Gradients {
    private final Tensor flat;

    /** @param flat FLOAT32 (1, elements of the layout) */
    public FlatGradients(Tensor flat) {
        this.flat = flat;
    }

    @Override
    public Tensor of(Parameter parameter) {
        return flat.columns(parameter.offset(), parameter.offset() + parameter.elements())
                .reshape(parameter.rows(), parameter.columns());
    }

    @Override
    public void ready(int unit) {
        // The sums of one rank are the sums of all.
    }
}
