package io.longstrand.genome.baseline;

import java.util.Arrays;

/**
 * A weighted mean of models. The models stay as they are; after each base a weight grows with the probability its model
 * gave that base, and old evidence fades with a memory of about a hundred bases (finite-context mixing as in GeCo, Pratas,
 * Pinho and Ferreira, 2016).
 */
final class Mixture {
    private static final double MEMORY = 0.99;
    private static final double LEAST = 1e-9;

    private final double[] weights;

    Mixture(int models) {
        weights = new double[models];
        Arrays.fill(weights, 1.0 / models);
    }

    /**
     * @param probabilities what each model gave the base that came
     * @return what the mixture gave it
     */
    double observe(double[] probabilities) {
        double mixed = 0;
        for (int i = 0; i < weights.length; i++) {
            mixed += weights[i] * probabilities[i];
        }
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.pow(weights[i] * probabilities[i] / mixed, MEMORY);
            sum += weights[i];
        }
        double normal = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.max(LEAST, weights[i] / sum);
            normal += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= normal;
        }
        return mixed;
    }
}
