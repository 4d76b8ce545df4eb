package io.longstrand.model;

/**
 * Floating-point operations of a training step, a multiplication and an addition counting as two. Norms, activations
 * and look-ups are not counted, logits are.
 *
 * @param shape of the model
 */
public record FlopCount(ModelShape shape) {
    /**
     * Elements of the matrices every token is multiplied with: the blocks' and the output matrix, without embeddings,
     * biases and norms.
     */
    public long matrixElements() {
        long hidden = shape.hidden();
        long mlpMatrices = shape.activation() == ModelShape.MlpActivation.SWIGLU ? 3 : 2;
        long block =
                hidden * shape.queryKeyValueColumns() + hidden * hidden + mlpMatrices * hidden * shape.feedForward();
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
     * keys again. The numerator of HFU.
     */
    public double hardware(long tokens, long pairs) {
        return 6.0 * tokens * matrixElements() + 14.0 * shape.layers() * shape.hidden() * pairs;
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
