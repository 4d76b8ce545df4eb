package io.longstrand.model;

import io.longstrand.attention.Attention;
import io.longstrand.attention.Projections;
import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The attention half of a block: {@code out = in + attention(norm(in))}. The normed rows and the norm's statistics are
 * computed again in the backward pass, which costs one pass over memory and saves a (rows, hidden) tensor.
 *
 * <p>The stream has this rank's rows. Ranks that share the products have some heads each: queries, keys, values and the
 * heads' output have the rows of all of them, and these heads' columns.
 */
final class SelfAttention {
    private static final String OWNER = "scratch";

    /** What attending gives. */
    private static final List<Kept> ATTENDED = List.of(Kept.ATTENTION_OUT, Kept.LOG_SUM_EXP);

    private final Kernels kernels;
    private final Arena device;
    private final ModelShare share;
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
        share = parts.share();
        norm = parts.norm(prefix + "norm");
        queryKeyValue = parts.columnSplit(prefix + "query-key-value");
        output = parts.rowSplit(prefix + "output");
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
     * @param out (rows, hidden), not the stream before it: on the way it holds others
     */
    void forward(BlockTensors kept, Batch batch, Tensor out) {
        Arena.Mark mark = device.mark();
        BlockTensors tensors = complete(kept);
        Tensor block = layout.blockRows(device, out);
        project(tensors, batch, norm.room(device, OWNER, out.rows()), out, block);
        attention.forward(operands(tensors), batch.mask());
        output.forward(tensors.of(Kept.ATTENTION_OUT), block);
        kernels.add(tensors.of(Kept.INPUT), layout.leave(block, out, batch.sequences()), out);
        device.release(mark);
    }

    /** Adds this half's part to the stream's gradient. @param gradient (rows, hidden), in and out */
    void backward(BlockTensors kept, Batch batch, Tensor gradient, Gradients gradients) {
        Arena.Mark mark = device.mark();
        BlockTensors tensors = complete(kept);
        Tensor in = tensors.of(Kept.INPUT);
        Tensor scratch = device.allocate(OWNER, gradient.type(), gradient.rows(), gradient.columns());
        Tensor block = layout.blockRows(device, scratch);
        Norm.Statistics statistics = norm.room(device, OWNER, gradient.rows());
        if (!kept.has(Kept.QUERY_KEY_VALUE)) {
            project(tensors, batch, statistics, scratch, block);
        }
        Tensor room = tensors.of(Kept.QUERY_KEY_VALUE);
        Projections operands = attention.operands(room); // whose gradients take their places
        // Fewer rows of more columns, or more of fewer: as many elements.
        Tensor headsGradient = scratch.reshape(block.rows(), share.queryColumns());
        Tensor entered = layout.enter(gradient, block, batch.sequences());
        output.addWeightGradient(tensors.of(Kept.ATTENTION_OUT), entered, gradients);
        output.addBiasGradient(gradient, gradients);
        output.inputGradient(entered, headsGradient);
        attention.backward(
                operands(tensors),
                new Attention.TensorGradients(headsGradient, operands.query(), operands.key(), operands.value()),
                batch.mask());
        attention.collect(room, batch.sequences());
        Projections projected = new Projections(attention.shape(), room);
        rotary.ifPresent(table -> table.backward(projected.queryKey(), batch.rows()));
        norm.forward(in, scratch, statistics);
        queryKeyValue.addWeightGradient(layout.enter(scratch, block, batch.sequences()), projected.whole(), gradients);
        queryKeyValue.addBiasGradient(projected.whole(), gradients);
        queryKeyValue.inputGradient(projected.whole(), block); // of the normed rows
        norm.backward(layout.leave(block, scratch, batch.sequences()), in, statistics, gradients, gradient);
        device.release(mark);
    }

    /**
     * Writes queries, keys and values and takes them to where they are attended to.
     *
     * @param scratch (rows, hidden)
     * @param block room for the rows of all ranks
     */
    private void project(BlockTensors tensors, Batch batch, Norm.Statistics statistics, Tensor scratch, Tensor block) {
        Tensor room = tensors.of(Kept.QUERY_KEY_VALUE);
        Projections projected = new Projections(attention.shape(), room);
        norm.forward(tensors.of(Kept.INPUT), scratch, statistics);
        queryKeyValue.forward(layout.enter(scratch, block, batch.sequences()), projected.whole());
        rotary.ifPresent(table -> table.forward(projected.queryKey(), batch.rows()));
        attention.distribute(room, batch.sequences());
    }

    private Attention.Tensors operands(BlockTensors tensors) {
        Projections operands = attention.operands(tensors.of(Kept.QUERY_KEY_VALUE));
        return new Attention.Tensors(
                operands.query(),
                operands.key(),
                operands.value(),
                tensors.of(Kept.ATTENTION_OUT),
                tensors.of(Kept.LOG_SUM_EXP));
    }
}
