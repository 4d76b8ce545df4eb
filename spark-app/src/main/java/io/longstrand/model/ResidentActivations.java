package io.longstrand.model;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/** Keeps activations where they were written: on top of the device arena, until whoever marked it releases it. */
public final class ResidentActivations implements Activations {
    private record Name(int layer, Kept name) {}

    private final Arena device;
    private final Map<Name, Tensor> tensors = new HashMap<>();

    /** @param device where they live */
    public ResidentActivations(Arena device) {
        this.device = device;
    }

    @Override
    public Tensor keep(int layer, Kept name, DataType type, long rows, long columns) {
        Tensor tensor = device.allocate("activations", type, rows, columns);
        tensors.put(new Name(layer, name), tensor);
        return tensor;
    }

    @Override
    public void written() {
        // They stay where they are.
    }

    @Override
    public void done(int layer) {
        // Memory is given back when the pass is over.
    }

    @Override
    public Tensor take(int layer, Kept name) {
        Tensor tensor = tensors.get(new Name(layer, name));
        if (tensor == null) {
            throw new IllegalStateException("layer " + layer + " kept no " + name);
        }
        return tensor;
    }
}
