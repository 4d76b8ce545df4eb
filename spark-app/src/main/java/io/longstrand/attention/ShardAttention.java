package io.longstrand.attention;

import io.longstrand.tensor.Tensor;

/** Attention of the heads that a rank has, to which queries, keys and values of those heads were brought. */
public interface ShardAttention extends Attention {
    /**
     * The backward pass for a caller that no longer has the output.
     *
     * @param tensors as the forward pass left them; the output is not looked at
     * @param delta FLOAT32 (heads, tokens), of {@link OutputDots}
     */
    void backwardByDots(Tensors tensors, Tensor delta, TensorGradients gradients, AttentionMask mask);

    @Override
    default void backward(Tensors tensors, Tensor delta, TensorGradients gradients, AttentionMask mask) {
        backwardByDots(tensors, delta, gradients, mask);
    }
}
