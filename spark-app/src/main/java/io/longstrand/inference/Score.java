package io.longstrand.inference;

import java.io.Serializable;

/**
 * How well a model predicts a stretch of genome.
 *
 * @param bitsPerBase negative log likelihood / ln 2 / bases
 * @param bases bases scored: those of tokens without unknown letters
 */
public record Score(double bitsPerBase, long bases) implements Serializable {
    /** The score of a summed negative log likelihood, in nats. */
    public static Score of(double negativeLogLikelihood, long bases) {
        return new Score(negativeLogLikelihood / Math.log(2) / bases, bases);
    }
}
