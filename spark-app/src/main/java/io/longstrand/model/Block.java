package io.longstrand.model;

import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Tensor;

/**
 * One pre-norm block: the attention half, then the MLP half. What {@link ActivationForm} does not keep is made where it
 * is used, in each pass anew.
 */
final class Block {
    private final int layer;
    private final ModelShare share;
    private final Arena device;
    private final ActivationForm form;
    private final long operandColumns;
    private final SelfAttention attention;
    private final Mlp mlp;

    Block(ModelParts parts, int layer) {
        this.layer = layer;
        share = parts.share();
        device = parts.device();
        form = parts.form();
        operandColumns = parts.attention().roomColumns();
        attention = new SelfAttention(parts, layer);
        mlp = new Mlp(parts, layer);
    }

    /** Asks for room for everything a forward pass keeps. @param in the stream, (rows, hidden), kept already */
    BlockTensors keep(Activations activations, Tensor in) {
        BlockTensors tensors = new BlockTensors(share, operandColumns, in);
        for (Kept name : form.keptBesideInput(share.shape())) {
            tensors.keep(activations, layer, name);
        }
        return tensors;
    }

    /** The stream behind this block. @param tensors those to keep @param out (rows, hidden), written */
    void forward(BlockTensors tensors, Batch batch, Tensor out) {
        // Without the stream between the halves to keep, it passes through the one behind them.
        Tensor middle = tensors.has(Kept.MIDDLE) ? tensors.of(Kept.MIDDLE) : out;
        attention.forward(tensors, batch, middle);
        mlp.forward(tensors, middle, out);
    }

    /** Turns the gradient behind this block into the one before it. @param gradient (rows, hidden), in and out */
    void backward(Activations activations, Batch batch, Tensor gradient, Gradients gradients) {
        Arena.Mark mark = device.mark();
        BlockTensors tensors = take(activations);
        if (tensors.has(Kept.MIDDLE)) {
            mlp.backward(tensors, gradient, gradients);
        } else {
            tensors = attention.withAttended(tensors);
            attention.attend(tensors, batch);
            Arena.Mark attended = device.mark();
            BlockTensors whole = tensors.with(Kept.MIDDLE, device);
            attention.close(whole, batch, whole.of(Kept.MIDDLE));
            mlp.backward(whole, gradient, gradients);
            device.release(attended); // the attention half has no use for what lies between the halves
            // Queries, keys and values were not held over the MLP either: one product makes them a third time.
        }
        attention.backward(tensors, batch, gradient, gradients);
        device.release(mark);
    }

    private BlockTensors take(Activations activations) {
        BlockTensors tensors = new BlockTensors(share, operandColumns, activations.take(layer, Kept.INPUT));
        for (Kept name : form.keptBesideInput(share.shape())) {
            tensors.take(activations, layer, name);
        }
        return tensors;
    }
}
