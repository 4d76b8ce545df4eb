package io.longstrand.model;

import io.longstrand.tensor.Tensor;

/**
 * One pre-norm block: the attention half, then the MLP half. Of a block with GELU {@link Activations} keep 10 times
 * (tokens, hidden) and the statistics: input, queries, keys and values, heads' output, middle and the 4 times wider up
 * rows; all but the input can be computed again from it.
 */
final class Block {
    private final int layer;
    private final SelfAttention attention;
    private final Mlp mlp;

    Block(ModelParts parts, int layer) {
        this.layer = layer;
        attention = new SelfAttention(parts, layer);
        mlp = new Mlp(parts, layer);
    }

    /** What both halves keep. */
    record State(SelfAttention.State attention, Mlp.State mlp) {}

    /** Asks for room for everything a forward pass keeps. @param in the stream, (tokens, hidden) */
    State keep(Activations activations, Tensor in) {
        return new State(attention.keep(activations, layer, in), mlp.keep(activations, layer, in.type(), in.rows()));
    }

    /** The stream behind this block. @param out (tokens, hidden), written */
    void forward(State state, Batch batch, Tensor out) {
        attention.forward(state.attention(), batch, state.mlp().in());
        mlp.forward(state.mlp(), out);
    }

    /** Turns the gradient behind this block into the one before it. @param gradient (tokens, hidden), in and out */
    void backward(Activations activations, Batch batch, Tensor gradient, Gradients gradients) {
        mlp.backward(mlp.take(activations, layer), gradient, gradients);
        attention.backward(attention.take(activations, layer), batch, gradient, gradients);
    }
}
