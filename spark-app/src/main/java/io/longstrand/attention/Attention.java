package io.longstrand.attention;

import io.longstrand.tensor.Tensor;

/**
 * Scaled dot-product attention (Vaswani et al. 2017) of all sequences of a batch: {@code out = softmax(scale · Q·Kᵀ +
 * mask)·V} per head, grouped-query form included. What the
 * backward pass needs of the scores at least is the log-sum-exp.
 */
public interface Attention {
    /**
     * What the forward pass reads and writes.
     *
     * @param query (tokens, heads · headSize), a view
     * @param key (tokens, keyValueHeads · headSize), a view
     * @param value (tokens, keyValueHeads · headSize), a view
     * @param out (tokens, heads · headSize), written; 0 for a query that sees no key
     * @param logSumExp FLOAT32 (heads, tokens), written; −∞ for a query that sees no key
     */
    record Tensors(Tensor query, Tensor key, Tensor value, Tensor out, Tensor logSumExp) {}

    /**
     * Gradients of the tensors of the same name; those of query, key and value may be these tensors themselves.
     *
     * @param out (tokens, heads · headSize), read
     * @param query written
     * @param key written
     * @param value written
     */
    record TensorGradients(Tensor out, Tensor query, Tensor key, Tensor value) {}

    /** The heads that are projected where this attention is asked. */
    AttentionShape shape();

    /** Columns of the room for queries, keys and values of a token: at least those of their projection. */
    default int roomColumns() {
        return shape().projectedColumns();
    }

    /**
     * Takes queries, keys and values, as soon as they are projected and turned, to where they are attended to. Here or
     * there they lie in the same room.
     *
     * @param room (tokens, {@link #roomColumns}), contiguous: on entry queries, keys and values of this rank's tokens side
     *     by side in the first columns, on return what {@link #operands} are views of
     * @param sequences of the batch
     */
    default void distribute(Tensor room, int sequences) {}

    /** The queries, keys and values to attend to. @param room as {@link #distribute} left it */
    default Projections operands(Tensor room) {
        return new Projections(shape(), room);
    }

    /** The reverse of {@link #distribute}, for gradients. @param room gradients of {@link #operands}, in their places */
    default void collect(Tensor room, int sequences) {}

    /** The attention of one layer, for implementations of which each layer holds something of its own. */
    default Attention ofLayer(int layer) {
        return this;
    }

    /**
     * Attends. Tokens of queries, keys and values are {@code mask.sequences() × mask.length()}, sequence after sequence;
     * those of output and log-sum-exp are this rank's.
     */
    void forward(Tensors tensors, AttentionMask mask);

    /**
     * Whether {@link #backward} looks at the output. Elsewhere its row dots say all there is to know, and the output's
     * room may hold anything by then, even its gradient.
     */
    default boolean readsOut() {
        return false;
    }

    /**
     * The backward pass. The output's gradient may be overwritten.
     *
     * @param tensors as the forward pass left them; the output where {@link #readsOut} alone
     * @param delta FLOAT32 (heads, tokens), of {@link OutputDots}, of this rank's tokens
     */
    void backward(Tensors tensors, Tensor delta, TensorGradients gradients, AttentionMask mask);
}
