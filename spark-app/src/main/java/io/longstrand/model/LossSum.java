package io.longstrand.model;

/**
 * What a pass over a batch lost.
 *
 * @param negativeLogLikelihood sum over the labelled tokens, in nats, added up in float64 in token order; weights do
 *     not enter
 * @param validLabels tokens that have a label
 */
public record LossSum(double negativeLogLikelihood, long validLabels) {
    /** No tokens. */
    public static final LossSum ZERO = new LossSum(0, 0);

    /** The sums of both. */
    public LossSum plus(LossSum other) {
        return new LossSum(negativeLogLikelihood + other.negativeLogLikelihood, validLabels + other.validLabels);
    }

    /** Nats per labelled token. */
    public double mean() {
        return negativeLogLikelihood / validLabels;
    }
}
