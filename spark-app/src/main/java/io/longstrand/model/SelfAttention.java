package io.longstrand.model;

import io.longstrand.attention.Attention;
import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The attention half of a block: {@code out = in + attention(norm(in))}. The normed rows and the norm's statistics are
 * computed again in the backward pass, which costs one pass over memory and saves a (tokens, hidden) tensor.
 */
final class SelfAttention {
    private static final String OWNER = "scratch";

    /** What attending gives. */
    private static final List<Kept> ATTENDED = List.of(Kept.ATTENTION_OUT, Kept.LOG_SUM_EXP);

    private final Kernels kernels;
    private final Arena device;
    private final ModelShape shape;
    private final Norm norm;
    private final Linear queryKeyValue;
    private final Linear output;
    private final Attention attention;
    private final Optional<RotaryTable> rotary;
    private final Layout layout;

    SelfAttention(ModelParts parts, int layer) {
        String prefix = "block." + layer + ".attention.";
        kernels = parts.kernels();
        device = parts.device();
        shape = parts.shape();
        norm = parts.norm(prefix + "norm");
        queryKeyValue = parts.linear(prefix + "query-key-value");
        output = parts.linear(prefix + "output");
        attention = parts.attention().ofLayer(layer);
        rotary = parts.rotary();
        layout = parts.layout();
    }

    /** These tensors, and room for what attending gives where it is missing. */
    BlockTensors withAttended(BlockTensors tensors) {
        BlockTensors more = tensors;
        for (Kept name : ATTENDED) {
            more = more.has(name) ? more : more.with(name, device);
        }
        return more;
    }

    /** The same, and room for queries, keys and values where it is missing. */
    private BlockTensors complete(BlockTensors tensors) {
        BlockTensors attended = withAttended(tensors);
        return attended.has(Kept.QUERY_KEY_VALUE) ? attended : attended.with(Kept.QUERY_KEY_VALUE, device);
    }

    /**
     * Writes the stream behind this half, and what is kept of it.
     *
     * @param out (tokens, hidden), not the stream before it: on the way it holds other rows
     */
    void forward(BlockTensors kept, Batch batch, Tensor out) {
        Arena.Mark mark = device.mark();
        BlockTensors tensors = complete(kept);
        project(tensors, batch, norm.room(device, OWNER, out.rows()), out);
        attention.forward(operands(tensors), batch.mask());
        output.forward(tensors.of(Kept.ATTENTION_OUT), out);
        kernels.add(tensors.of(Kept.INPUT), layout.leave(out), out);
        device.release(mark);
    }

    /** Adds this half's part to the stream's gradient. @param gradient (tokens, hidden), in and out */
    void backward(BlockTensors kept, Batch batch, Tensor gradient, Gradients gradients) {
        Arena.Mark mark = device.mark();
        BlockTensors tensors = complete(kept);
        Tensor in = tensors.of(Kept.INPUT);
        Tensor scratch = device.allocate(OWNER, gradient.type(), gradient.rows(), shape.hidden());
        Norm.Statistics statistics = norm.room(device, OWNER, gradient.rows());
        if (!kept.has(Kept.QUERY_KEY_VALUE)) {
            project(tensors, batch, statistics, scratch);
        }
        Tensor queryKeyValueGradient = tensors.of(Kept.QUERY_KEY_VALUE); // in its place
        Tensor entered = layout.enter(gradient);
        output.addGradients(tensors.of(Kept.ATTENTION_OUT), entered, gradients);
        output.inputGradient(entered, scratch); // of the heads' output
        attention.backward(
                operands(tensors),
                new Attention.TensorGradients(
                        scratch,
                        query(queryKeyValueGradient),
                        key(queryKeyValueGradient),
                        value(queryKeyValueGradient)),
                batch.mask());
        rotary.ifPresent(table -> table.backward(queryKey(queryKeyValueGradient), batch.positions()));
        norm.forward(in, scratch, statistics);
        queryKeyValue.addGradients(layout.enter(scratch), queryKeyValueGradient, gradients);
        queryKeyValue.inputGradient(queryKeyValueGradient, scratch); // of the normed rows
        norm.backward(layout.leave(scratch), in, statistics, gradients, gradient);
        device.release(mark);
    }

    /** Writes queries, keys and values. @param scratch (tokens, hidden) */
    private void project(BlockTensors tensors, Batch batch, Norm.Statistics statistics, Tensor scratch) {
        Tensor projected = tensors.of(Kept.QUERY_KEY_VALUE);
        norm.forward(tensors.of(Kept.INPUT), scratch, statistics);
        queryKeyValue.forward(layout.enter(scratch), projected);
        rotary.ifPresent(table -> table.forward(queryKey(projected), batch.positions()));
    }

    private Attention.Tensors operands(BlockTensors tensors) {
        Tensor all = tensors.of(Kept.QUERY_KEY_VALUE);
        return new Attention.Tensors(
                query(all), key(all), value(all), tensors.of(Kept.ATTENTION_OUT), tensors.of(Kept.LOG_SUM_EXP));
    }

    private Tensor query(Tensor all) {
        return all.columns(0, shape.hidden());
    }

    private Tensor key(Tensor all) {
        long width = (long) shape.keyValueHeads() * shape.headSize();
        return all.columns(shape.hidden(), shape.hidden() + width);
    }

    private Tensor value(Tensor all) {
        long width = (long) shape.keyValueHeads() * shape.headSize();
        return all.columns(shape.hidden() + width, shape.hidden() + 2 * width);
    }

    /** Queries and keys lie side by side, so one call turns both. */
    private Tensor queryKey(Tensor all) {
        return all.columns(0, shape.hidden() + (long) shape.keyValueHeads() * shape.headSize());
    }
}
