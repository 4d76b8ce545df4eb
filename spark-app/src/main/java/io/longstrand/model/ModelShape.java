package io.longstrand.model;

import io.longstrand.config.UserError;

/**
 * Everything that determines the parameters of a decoder-only GPT.
 *
 * @param layers number of blocks
 * @param hidden width of the residual stream
 * @param heads query heads
 * @param keyValueHeads key and value heads; divides heads (grouped-query attention, Ainslie et al. 2023)
 * @param feedForward width of the MLP
 * @param vocabulary token ids
 * @param positions longest sequence; rows of the learned position table
 * @param norm which norm
 * @param activation which MLP
 * @param position how positions enter
 * @param rotaryBase base of the rotary angles
 * @param tied whether the output matrix is the token embedding
 */
public record ModelShape(
        int layers,
        int hidden,
        int heads,
        int keyValueHeads,
        int feedForward,
        int vocabulary,
        long positions,
        Norm norm,
        MlpActivation activation,
        PositionKind position,
        double rotaryBase,
        boolean tied) {
    /** Which norm a block uses. */
    public enum Norm {
        /** Ba et al. 2016: gain and bias. */
        LAYER,
        /** Zhang and Sennrich 2019: gain only. */
        RMS
    }

    /** Which MLP a block uses. */
    public enum MlpActivation {
        /** One up matrix, tanh-form GELU. */
        GELU,
        /** Gate and up matrices (Shazeer 2020). */
        SWIGLU
    }

    /** How positions enter. */
    public enum PositionKind {
        /** Queries and keys are turned (Su et al. 2021). */
        ROTARY,
        /** A table indexed by the position in the window is added to the token embedding. */
        LEARNED
    }

    public ModelShape {
        if (hidden % heads != 0) {
            throw new UserError("model.hidden = " + hidden + " is not a multiple of model.heads = " + heads);
        }
        if (heads % keyValueHeads != 0) {
            throw new UserError("model.heads = " + heads + " is not a multiple of model.kv-heads = " + keyValueHeads);
        }
        if (position == PositionKind.ROTARY && hidden / heads % 2 != 0) {
            throw new UserError("model.position = rotary needs an even head size, not " + hidden / heads);
        }
    }

    /** Elements of one head. */
    public int headSize() {
        return hidden / heads;
    }

    /** Columns of the fused projection: queries, then keys, then values. */
    public int queryKeyValueColumns() {
        return (heads + 2 * keyValueHeads) * headSize();
    }
}
