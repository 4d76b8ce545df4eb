package io.longstrand.model;

import io.longstrand.attention.Attention;
import io.longstrand.attention.OutputDots;
import io.longstrand.attention.Projections;
import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The attention half of a block: {@code out = in + attention(norm(in))}. The normed rows and the norm's statistics are
 * computed again in the backward pass, which costs one pass over memory and saves a (rows, hidden) tensor. In the backward
 * pass the gradient of the heads' output takes the output's room, and neither pass holds the stream, its normed rows or
 * the gradient at hand beside queries, keys and values, but for some rows.
 *
 * <p>The stream has this rank's rows. Ranks that share the products have some heads each: queries, keys, values and the
 * heads' output have the rows of all of them, and these heads' columns.
 */
final class SelfAttention {
    private static final String OWNER = "scratch";
    /** What passes between two products is held for so many tokens: 2 MiB at a width of 512. */
    private static final long ROWS_AT_A_TIME = 1024;

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

    /** The same for queries, keys and values. */
    private BlockTensors withQueryKeyValue(BlockTensors tensors) {
        return tensors.has(Kept.QUERY_KEY_VALUE) ? tensors : tensors.with(Kept.QUERY_KEY_VALUE, device);
    }

    /**
     * Writes the stream behind this half, and what is kept of it.
     *
     * @param out (rows, hidden), not the stream before it
     */
    void forward(BlockTensors kept, Batch batch, Tensor out) {
        Arena.Mark mark = device.mark();
        BlockTensors tensors = withAttended(kept);
        attend(tensors, batch);
        close(tensors, batch, out);
        device.release(mark);
    }

    /** The first part of {@link #forward}: writes what attending gives. */
    void attend(BlockTensors attended, Batch batch) {
        Arena.Mark mark = device.mark();
        BlockTensors tensors = withQueryKeyValue(attended);
        project(tensors, batch);
        attention.forward(operands(tensors), batch.mask());
        device.release(mark);
    }

    /** The second part of {@link #forward}: writes the stream behind this half. */
    void close(BlockTensors attended, Batch batch, Tensor out) {
        Arena.Mark mark = device.mark();
        Tensor block = layout.blockRows(device, out);
        output.forward(attended.of(Kept.ATTENTION_OUT), block);
        kernels.add(attended.of(Kept.INPUT), layout.leave(block, out, batch.sequences()), out);
        device.release(mark);
    }

    /**
     * Adds this half's part to the stream's gradient. What attending gave, and queries, keys and values, are lost.
     *
     * @param kept with what attending gave
     * @param gradient (rows, hidden), in and out
     */
    void backward(BlockTensors kept, Batch batch, Tensor gradient, Gradients gradients) {
        Arena.Mark mark = device.mark();
        Tensor out = kept.of(Kept.ATTENTION_OUT);
        Tensor delta =
                device.allocate(OWNER, DataType.FLOAT32, attention.shape().heads(), out.rows());
        Tensor outGradient = attention.readsOut() ? device.allocate(OWNER, out.type(), out.rows(), out.columns()) : out;
        backwardOutput(out, batch, gradient, gradients, delta, outGradient);
        BlockTensors tensors = withQueryKeyValue(kept);
        if (!kept.has(Kept.QUERY_KEY_VALUE)) {
            project(tensors, batch);
        }
        Tensor room = tensors.of(Kept.QUERY_KEY_VALUE);
        Projections operands = attention.operands(room); // whose gradients take their places
        attention.backward(
                operands(tensors),
                delta,
                new Attention.TensorGradients(outGradient, operands.query(), operands.key(), operands.value()),
                batch.mask());
        attention.collect(room, batch.sequences());
        Projections projected = new Projections(attention.shape(), room);
        rotary.ifPresent(table -> table.backward(projected.queryKey(), batch.rows()));
        // Fewer rows of more columns, or more of fewer: as many elements.
        Tensor scratch = out.reshape(gradient.rows(), gradient.columns());
        backwardProjection(kept.of(Kept.INPUT), projected.whole(), batch, gradient, gradients, scratch);
        device.release(mark);
    }

    /**
     * The backward pass of the last product.
     *
     * @param out what it saw, (block rows, heads · headSize)
     * @param delta FLOAT32 (heads, block rows), written: row dots of out and its gradient
     * @param outGradient of the shape of out, written; may be out itself
     */
    private void backwardOutput(
            Tensor out, Batch batch, Tensor gradient, Gradients gradients, Tensor delta, Tensor outGradient) {
        Arena.Mark mark = device.mark();
        Tensor entered = layout.enter(gradient, layout.blockRows(device, gradient), batch.sequences());
        output.addWeightGradient(out, entered, gradients);
        output.addBiasGradient(gradient, gradients);
        Tiles tiles = new Tiles(kernels, out.rows(), ROWS_AT_A_TIME);
        Tensor piece = device.allocate(OWNER, out.type(), tiles.height(), out.columns());
        OutputDots dots = new OutputDots(kernels, attention.shape());
        tiles.run((from, to) -> {
            Tensor rows = piece.rows(0, to - from);
            output.inputGradient(entered.rows(from, to), rows);
            dots.run(out.rows(from, to), rows, delta.columns(from, to));
            kernels.copy(rows, outGradient.rows(from, to));
        });
        device.release(mark);
    }

    /**
     * The backward pass of the first product and of the norm.
     *
     * @param in the stream before this half
     * @param projected gradients of queries, keys and values, (block rows, their columns)
     * @param scratch (rows, hidden)
     */
    private void backwardProjection(
            Tensor in, Tensor projected, Batch batch, Tensor gradient, Gradients gradients, Tensor scratch) {
        Arena.Mark mark = device.mark();
        Tensor block = layout.blockRows(device, scratch);
        Norm.Statistics statistics = norm.room(device, OWNER, in.rows());
        norm.forward(in, scratch, statistics);
        queryKeyValue.addWeightGradient(layout.enter(scratch, block, batch.sequences()), projected, gradients);
        queryKeyValue.addBiasGradient(projected, gradients);
        queryKeyValue.inputGradient(projected, block); // of the normed rows
        norm.backward(layout.leave(block, scratch, batch.sequences()), in, statistics, gradients, gradient);
        device.release(mark);
    }

    /** Writes queries, keys and values and takes them to where they are attended to. */
    private void project(BlockTensors tensors, Batch batch) {
        Arena.Mark mark = device.mark();
        Tensor in = tensors.of(Kept.INPUT);
        Tensor room = tensors.of(Kept.QUERY_KEY_VALUE);
        Projections projected = new Projections(attention.shape(), room);
        // Rows of several ranks come together in the order of their sequences, which only all of them have.
        Tiles tiles = new Tiles(kernels, in.rows(), share.parts() > 1 ? 0 : ROWS_AT_A_TIME);
        Tensor scratch = device.allocate(OWNER, in.type(), tiles.height(), in.columns());
        Tensor block = layout.blockRows(device, scratch);
        Norm.Statistics statistics = norm.room(device, OWNER, tiles.height());
        tiles.run((from, to) -> {
            Tensor normed = scratch.rows(0, to - from);
            norm.forward(in.rows(from, to), normed, statistics.rows(0, to - from));
            Tensor entered = layout.enter(normed, block, batch.sequences());
            queryKeyValue.forward(entered, projected.whole().rows(share.parts() * from, share.parts() * to));
        });
        rotary.ifPresent(table -> table.forward(projected.queryKey(), batch.rows()));
        attention.distribute(room, batch.sequences());
        device.release(mark);
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
