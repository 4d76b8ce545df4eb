package io.longstrand.model;

import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;

/** The tensors of one block that are there: those activations keep, and for a while those that are made again. */
final class BlockTensors {
    private static final String OWNER = "recomputed activations";

    private final ModelShape shape;
    private final DataType type;
    private final long tokens;
    private final Map<Kept, Tensor> tensors = new EnumMap<>(Kept.class);

    /** @param in the stream at the block's entry, (tokens, hidden) */
    BlockTensors(ModelShape shape, Tensor in) {
        this.shape = shape;
        type = in.type();
        tokens = in.rows();
        tensors.put(Kept.INPUT, in);
    }

    /** Forward: asks for room for a tensor that is kept. */
    void keep(Activations activations, int layer, Kept name) {
        tensors.put(name, activations.keep(layer, name, type(name), rows(name), columns(name)));
    }

    /** Backward: the tensor as it was kept. */
    void take(Activations activations, int layer, Kept name) {
        tensors.put(name, activations.take(layer, name));
    }

    /** These, and room from the arena for a tensor that nobody keeps, to be written. */
    BlockTensors with(Kept name, Arena device) {
        BlockTensors more = new BlockTensors(shape, of(Kept.INPUT));
        more.tensors.putAll(tensors);
        more.tensors.put(name, device.allocate(OWNER, type(name), rows(name), columns(name)));
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

    private DataType type(Kept name) {
        return name == Kept.LOG_SUM_EXP ? DataType.FLOAT32 : type;
    }

    private long rows(Kept name) {
        return name == Kept.LOG_SUM_EXP ? shape.heads() : tokens;
    }

    private long columns(Kept name) {
        return switch (name) {
            case INPUT, ATTENTION_OUT, MIDDLE -> shape.hidden();
            case QUERY_KEY_VALUE -> shape.queryKeyValueColumns();
            case LOG_SUM_EXP -> tokens;
            case MLP_GATE, MLP_UP -> shape.feedForward();
        };
    }
}
