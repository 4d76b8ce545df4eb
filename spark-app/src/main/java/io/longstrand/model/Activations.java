package io.longstrand.model;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;

/**
 * Where the tensors a block keeps for its backward pass live between the two passes. A block asks for all of them
 * before it takes any scratch, so an implementation may use stack-shaped memory. Which ones it keeps is the matter of
 * {@link ActivationForm}: the others are computed again from those.
 */
public interface Activations {
    /** What a block may keep, in the order it is computed. */
    enum Kept {
        /** The residual stream at the block's entry, (rows of the rank, hidden). */
        INPUT,
        /** Queries, keys and values, rotated, where they are attended to; (tokens, room columns of the attention). */
        QUERY_KEY_VALUE,
        /** Output of the rank's heads, (tokens, queryColumns). */
        ATTENTION_OUT,
        /** Log-sum-exp of the scores, FLOAT32 (heads, tokens). */
        LOG_SUM_EXP,
        /** The residual stream between attention and MLP, (rows of the rank, hidden). */
        MIDDLE,
        /** The gate before its activation, (tokens, feedForward); SwiGLU only. */
        MLP_GATE,
        /** The MLP's wide row before its activation, (tokens, feedForward). */
        MLP_UP
    }

    /** Forward: room for a tensor of a layer, to be written by the caller. Content is undefined. */
    Tensor keep(int layer, Kept name, DataType type, long rows, long columns);

    /** Forward: everything asked for so far is written, and will only be read until the backward pass. */
    void written();

    /** Backward: the tensor as it was written; the caller may overwrite it. */
    Tensor take(int layer, Kept name);

    /** Backward: a layer is through, and nothing of it is used any more. Layers come from the last to the first. */
    void done(int layer);
}
