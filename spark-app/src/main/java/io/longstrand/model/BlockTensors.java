package io.longstrand.model;

import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;

/** The tensors of one block that are there: those activations keep, and for a while those that are made again. */
final class BlockTensors {
    private static final String OWNER = "recomputed activations";

    private final KeptShape shape;
    private final Map<Kept, Tensor> tensors = new EnumMap<>(Kept.class);

    /**
     * @param operandColumns of the room for queries, keys and values of a token
     * @param in the stream at the block's entry, (rows, hidden)
     */
    BlockTensors(ModelShare share, long operandColumns, Tensor in) {
        this(new KeptShape(share, operandColumns, in.type(), in.rows()), Map.of(Kept.INPUT, in));
    }

    private BlockTensors(KeptShape shape, Map<Kept, Tensor> tensors) {
        this.shape = shape;
        this.tensors.putAll(tensors);
    }

    /** Forward: asks for room for a tensor that is kept. */
    void keep(Activations activations, int layer, Kept name) {
        tensors.put(name, activations.keep(layer, name, shape.type(name), shape.rows(name), shape.columns(name)));
    }

    /** Backward: the tensor as it was kept. */
    void take(Activations activations, int layer, Kept name) {
        tensors.put(name, activations.take(layer, name));
    }

    /** These, and room from the arena for a tensor that nobody keeps, to be written. */
    BlockTensors with(Kept name, Arena device) {
        BlockTensors more = new BlockTensors(shape, tensors);
        more.tensors.put(name, device.allocate(OWNER, shape.type(name), shape.rows(name), shape.columns(name)));
        return more;
    }

    boolean has(Kept name) {
        return tensors.containsKey(name);
    }

    Tensor of(Kept name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalStateException(name + " is not there");
        }
        return tensor;
    }
}
