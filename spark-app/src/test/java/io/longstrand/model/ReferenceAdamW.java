package io.longstrand.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * AdamW with clipping by the global norm in float64 (Loshchilov and Hutter 2019, algorithm 2): what ten steps of the
 * real optimiser are compared with. Norms and biases do not decay.
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay of matrices and embeddings
 * @param clip largest norm of the mean gradient; 0 clips nothing
 * @param first first moments by parameter name
 * @param second second moments by parameter name
 */
record ReferenceAdamW(
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        double clip,
        Map<String, double[]> first,
        Map<String, double[]> second) {
    ReferenceAdamW(double beta1, double beta2, double epsilon, double weightDecay, double clip) {
        this(beta1, beta2, epsilon, weightDecay, clip, new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    /**
     * Changes the parameters in place.
     *
     * @param step from 1
     * @param gradients sums over the tokens of a global batch
     * @param validLabels what the sums are divided by
     * @return the norm of the mean gradient before clipping
     */
    double step(
            long step,
            double learningRate,
            Map<String, double[]> parameters,
            Map<String, double[]> gradients,
            long validLabels) {
        double squares = 0;
        for (double[] gradient : gradients.values()) {
            for (double value : gradient) {
                squares += value / validLabels * (value / validLabels);
            }
        }
        double norm = Math.sqrt(squares);
        double scale = (clip > 0 && norm > clip ? clip / norm : 1) / validLabels;
        gradients.forEach((name, gradient) -> {
            boolean decays = !name.endsWith(".bias") && !name.endsWith(".gain");
            double[] parameter = parameters.get(name);
            double[] m = first.computeIfAbsent(name, unused -> new double[gradient.length]);
            double[] v = second.computeIfAbsent(name, unused -> new double[gradient.length]);
            for (int i = 0; i < gradient.length; i++) {
                double g = gradient[i] * scale;
                m[i] = beta1 * m[i] + (1 - beta1) * g;
                v[i] = beta2 * v[i] + (1 - beta2) * g * g;
                double mCorrected = m[i] / (1 - Math.pow(beta1, step));
                double vCorrected = v[i] / (1 - Math.pow(beta2, step));
                parameter[i] -= learningRate
                        * (mCorrected / (Math.sqrt(vCorrected) + epsilon) + (decays ? weightDecay * parameter[i] : 0));
            }
        });
        return norm;
    }
}
