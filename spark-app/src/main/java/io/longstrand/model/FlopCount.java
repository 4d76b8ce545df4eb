package io.longstrand.model;

import io.longstrand.attention.AttentionForm;
import io.longstrand.model.Activations.Kept;

/**
 * Floating-point operations of a training step, a multiplication and an addition counting as two. Norms, activations
 * and look-ups are not counted, logits are.
 *
 * @param shape of the model
 * @param form says what is computed again in the backward pass
 * @param attention how attention is computed
 */
public record FlopCount(ModelShape shape, ActivationForm form, AttentionForm attention) {
    /** Of flash attention. */
    public FlopCount(ModelShape shape, ActivationForm form) {
        this(shape, form, AttentionForm.FLASH);
    }

    /** Of flash attention in passes that keep everything. */
    public FlopCount(ModelShape shape) {
        this(shape, ActivationForm.resident());
    }

    /**
     * Elements of the matrices every token is multiplied with: the blocks' and the output matrix, without embeddings,
     * biases and norms.
     */
    public long matrixElements() {
        long hidden = shape.hidden();
        long block = hidden * shape.queryKeyValueColumns()
                + hidden * hidden
                + (widening() + 1) * hidden * shape.feedForward();
        return shape.layers() * block + hidden * shape.vocabulary();
    }

    /**
     * What the model asks for: {@code 6·T·P + 12·L·h·pairs}, backward twice the forward, nothing computed again. The
     * numerator of MFU (Chowdhery et al. 2022, appendix B, with the mask's pairs counted exactly).
     *
     * @param tokens of the step
     * @param pairs query–key pairs the mask allows, of one head, over the whole step
     */
    public double model(long tokens, long pairs) {
        return 6.0 * tokens * matrixElements() + 12.0 * shape.layers() * shape.hidden() * pairs;
    }

    /**
     * What is executed: {@code 6·T·P + 14·L·h·pairs}, as the backward pass of flash attention multiplies queries and
     * keys again, and {@link #again}. Naive attention keeps its scores, {@code 12·L·h}, and multiplies every query with
     * every key of its sequence. The numerator of HFU.
     *
     * @param tokens of sequences as long as the shape's positions
     */
    public double hardware(long tokens, long pairs) {
        int products = attention == AttentionForm.FLASH ? 14 : 12;
        double attended = (double) products * shape.layers() * shape.hidden() * multiplied(tokens, pairs);
        return 6.0 * tokens * matrixElements() + attended + again(tokens, pairs);
    }

    /** Query–key pairs of one head that are multiplied, whether the mask allows them or not. */
    private double multiplied(long tokens, long pairs) {
        return attention == AttentionForm.FLASH ? pairs : (double) tokens * shape.positions();
    }

    /**
     * What is executed again because {@link ActivationForm} does not keep it. Per layer: {@code 2·T} times the elements
     * of the projection to queries, keys and values, and of the matrices that widen the rows of the MLP; where the heads'
     * output is not kept the projection to queries, keys and values once more, {@code 2·T·h²} for the output's and {@code
     * 4·h·pairs} to attend again.
     */
    public double again(long tokens, long pairs) {
        double hidden = shape.hidden();
        double projection = 2.0 * tokens * hidden * shape.queryKeyValueColumns();
        double block = 0;
        if (!form.keeps(Kept.QUERY_KEY_VALUE)) {
            block += projection;
        }
        if (!form.keeps(Kept.ATTENTION_OUT)) {
            block += projection + 2.0 * tokens * hidden * hidden + 4.0 * hidden * multiplied(tokens, pairs);
        }
        if (!form.keeps(Kept.MLP_UP)) {
            block += 2.0 * tokens * hidden * widening() * shape.feedForward();
        }
        return shape.layers() * block;
    }

    /** Matrices from hidden to feedForward. */
    private long widening() {
        return shape.activation() == ModelShape.MlpActivation.SWIGLU ? 2 : 1;
    }

    /**
     * The older formula of Megatron-DeepSpeed (Narayanan et al. 2021, section 5.1): {@code
     * 24·c·b·s·L·h²·(1 + s/(6h) + V/(16·L·h))}. It counts attention as if it were not causal; only for comparison.
     *
     * @param sequences b
     * @param length s
     * @param recompute whether activations are computed again: c is 4, else 3
     */
    public double megatronDeepSpeed(long sequences, long length, boolean recompute) {
        double hidden = shape.hidden();
        double layers = shape.layers();
        return 24.0
                * (recompute ? 4 : 3)
                * sequences
                * length
                * layers
                * hidden
                * hidden
                * (1 + length / (6 * hidden) + shape.vocabulary() / (16 * layers * hidden));
    }
}
