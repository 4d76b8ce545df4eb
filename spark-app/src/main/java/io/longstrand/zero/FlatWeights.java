package io.longstrand.zero;

import io.longstrand.model.Parameter;
import io.longstrand.model.Weights;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * All parameters of a model in one flat device tensor: always there, so using and releasing a unit costs nothing, unless
 * other ranks' updates of it are still arriving.
 */
final class FlatWeights implements Weights {
    private final Tensor flat;
    private final CopyStream copies;
    private final Map<Integer, CopyStream.Event> arriving = new HashMap<>();

    /** @param flat (1, elements of the layout) @param copies where updates arrive */
    FlatWeights(Tensor flat, CopyStream copies) {
        this.flat = flat;
        this.copies = copies;
    }

    /** Says when the newest values of a unit are there. */
    void arriving(int unit, CopyStream.Event event) {
        arriving.put(unit, event);
    }

    @Override
    public void use(int unit) {
        CopyStream.Event event = arriving.remove(unit);
        if (event != null) {
            copies.await(event);
        }
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
