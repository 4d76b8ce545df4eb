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

    /** The attention of one layer, for implementations of which each layer holds something of its own. */
    default Attention ofLayer(int layer) {
        return this;
    }

    /** Attends. Tokens are {@code mask.sequences() × mask.length()}, sequence after sequence. */
    void forward(Tensors tensors, AttentionMask mask);

    /** The backward pass; {@code tensors} as the forward pass left them. */
    void backward(Tensors tensors, TensorGradients gradients, AttentionMask mask);
}
