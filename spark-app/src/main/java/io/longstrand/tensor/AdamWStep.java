package io.longstrand.tensor;

/**
 * One step of AdamW (Loshchilov and Hutter 2019, algorithm 2, decoupled decay).
 *
 * @param step counted from 1, for the bias correction
 * @param learningRate rate of this step
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the corrected second moment
 * @param weightDecay decoupled: the parameter shrinks by {@code learningRate · weightDecay}
 * @param gradientScale what each gradient is multiplied by first: one over the valid tokens, times the clip factor
 */
public record AdamWStep(
        long step,
        float learningRate,
        float beta1,
        float beta2,
        float epsilon,
        float weightDecay,
        float gradientScale) {}
