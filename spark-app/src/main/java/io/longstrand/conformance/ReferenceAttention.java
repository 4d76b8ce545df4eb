package io.longstrand.conformance;

/**
 * Attention of one head in float64 the direct way: all scores of a query at once, a softmax over the visible ones, the
 * weighted sum of values. What flash attention over tiles must equal.
 */
public final class ReferenceAttention {
    /** Which key a query may see. */
    @FunctionalInterface
    public interface Visibility {
        boolean visible(int query, int key);
    }

    /** Output (queries, headSize), log-sum-exp (queries), probabilities (queries, keys). */
    public record Forward(double[][] out, double[] logSumExp, double[][] probabilities) {}

    /** Gradients of queries, keys and values. */
    public record Backward(double[][] query, double[][] key, double[][] value) {}

    private final Visibility visibility;
    private final double scale;

    public ReferenceAttention(Visibility visibility, double scale) {
        this.visibility = visibility;
        this.scale = scale;
    }

    public Forward forward(double[][] query, double[][] key, double[][] value) {
        int headSize = value[0].length;
        double[][] out = new double[query.length][headSize];
        double[] logSumExps = new double[query.length];
        double[][] probabilities = new double[query.length][key.length];
        for (int i = 0; i < query.length; i++) {
            double[] scores = new double[key.length];
            for (int j = 0; j < key.length; j++) {
                scores[j] = visibility.visible(i, j) ? scale * dot(query[i], key[j]) : Double.NEGATIVE_INFINITY;
            }
            logSumExps[i] = ReferenceKernels.logSumExp(scores);
            for (int j = 0; j < key.length; j++) {
                probabilities[i][j] = visibility.visible(i, j) ? Math.exp(scores[j] - logSumExps[i]) : 0;
                for (int c = 0; c < headSize; c++) {
                    out[i][c] += probabilities[i][j] * value[j][c];
                }
            }
        }
        return new Forward(out, logSumExps, probabilities);
    }

    public Backward backward(double[][] query, double[][] key, double[][] value, double[][] outGradient) {
        Forward forward = forward(query, key, value);
        int headSize = value[0].length;
        Backward gradient = new Backward(
                new double[query.length][headSize], new double[key.length][headSize], new double[key.length][headSize]);
        for (int i = 0; i < query.length; i++) {
            double[] probabilities = forward.probabilities()[i];
            double mean = 0; // Σ_j P_j · dP_j: the softmax's Jacobian is diag(P) − P·Pᵀ
            for (int j = 0; j < key.length; j++) {
                mean += probabilities[j] * dot(outGradient[i], value[j]);
            }
            for (int j = 0; j < key.length; j++) {
                double scoreGradient = probabilities[j] * (dot(outGradient[i], value[j]) - mean) * scale;
                for (int c = 0; c < headSize; c++) {
                    gradient.query()[i][c] += scoreGradient * key[j][c];
                    gradient.key()[j][c] += scoreGradient * query[i][c];
                    gradient.value()[j][c] += probabilities[j] * outGradient[i][c];
                }
            }
        }
        return gradient;
    }

    private static double dot(double[] left, double[] right) {
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            sum += left[i] * right[i];
        }
        return sum;
    }
}
