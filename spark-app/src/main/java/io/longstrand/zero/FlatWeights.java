package io.longstrand.zero;

import io.longstrand.model.Parameter;
import io.longstrand.model.Weights;
import io.longstrand.tensor.Tensor;

/** All parameters of a model in one flat device tensor: always there, so using and releasing a unit costs nothing. */
public final class FlatWeights implements Weights {
    private final Tensor flat;

    /** @param flat (1, elements of the layout) */
    public FlatWeights(Tensor flat) {
        this.flat = flat;
    }

    @Override
    public void use(int unit) {
        // Every unit is resident.
    }

    @Override
    public void release(int unit) {
        // Every unit stays resident.
    }

    @Override
    public Tensor of(Parameter parameter) {
        return flat.columns(parameter.offset(), parameter.offset() + parameter.elements())
                .reshape(parameter.rows(), parameter.columns());
    }
}
