package io.longstrand.tensor;

/**
 * Causal attention over whole sequences in one operation, where a device's library has it: an alternative to composing
 * tiles of products and {@link Kernels#softmaxTile}, with the same results up to rounding.
 */
public interface FusedAttention {
    /**
     * One sequence; query t sees keys 0 … t.
     *
     * @param query (tokens, heads · headSize), a view
     * @param key (tokens, keyValueHeads · headSize), a view; head h reads key head h / (heads / keyValueHeads)
     * @param value (tokens, keyValueHeads · headSize), a view
     * @param out (tokens, heads · headSize), written forward, read backward
     * @param logSumExp FLOAT32 (heads, tokens), written forward, read backward
     * @param headSize elements of one head
     * @param scale what scores are multiplied by
     */
    record Sequence(Tensor query, Tensor key, Tensor value, Tensor out, Tensor logSumExp, int headSize, float scale) {}

    /**
     * Gradients of the tensors of the same name; those of query, key and value may be these tensors themselves.
     *
     * @param out read
     * @param query written
     * @param key written
     * @param value written
     */
    record Gradients(Tensor out, Tensor query, Tensor key, Tensor value) {}

    /** Whether it takes sequences of this element type and head size. */
    boolean supports(DataType type, int headSize);

    /** Attends. */
    void forward(Sequence sequence);

    /** The backward pass; the sequence as the forward pass left it. */
    void backward(Sequence sequence, Gradients gradients);
}
