package io.longstrand.attention;

/**
 * Attention of one head over one sequence in float64, with the whole matrix of probabilities: what flash attention is
 * compared with.
 *
 * @param query [length][headSize]
 * @param key [length][headSize]
 * @param value [length][headSize]
 * @param visibility which keys a query sees
 */
record ReferenceAttention(double[][] query, double[][] key, double[][] value, Visibility visibility) {
    /** Which keys a query sees. */
    @FunctionalInterface
    interface Visibility {
        boolean visible(int query, int key);
    }

    /** Output and log-sum-exp of every query. */
    record Result(double[][] out, double[] logSumExp, double[][] probabilities) {}

    /** Gradients of query, key and value. */
    record Gradients(double[][] query, double[][] key, double[][] value) {}

    Result forward() {
        int length = query.length;
        int size = query[0].length;
        double[][] out = new double[length][size];
        double[] logSumExp = new double[length];
        double[][] probabilities = new double[length][length];
        for (int i = 0; i < length; i++) {
            double sum = 0;
            for (int j = 0; j < length; j++) {
                if (visibility.visible(i, j)) {
                    probabilities[i][j] = Math.exp(dot(query[i], key[j]) / Math.sqrt(size));
                    sum += probabilities[i][j];
                }
            }
            logSumExp[i] = Math.log(sum); // of 0: −∞
            for (int j = 0; j < length; j++) {
                if (visibility.visible(i, j)) {
                    probabilities[i][j] /= sum;
                    add(out[i], probabilities[i][j], value[j]);
                }
            }
        }
        return new Result(out, logSumExp, probabilities);
    }

    /** Gradients of Σ outGradient · out. */
    Gradients backward(Result forward, double[][] outGradient) {
        int length = query.length;
        int size = query[0].length;
        double[][] probabilities = forward.probabilities();
        double[][] queryGradient = new double[length][size];
        double[][] keyGradient = new double[length][size];
        double[][] valueGradient = new double[length][size];
        for (int i = 0; i < length; i++) {
            double mean = 0;
            for (int j = 0; j < length; j++) {
                if (!visibility.visible(i, j)) {
                    continue;
                }
                mean += probabilities[i][j] * dot(outGradient[i], value[j]);
                add(valueGradient[j], probabilities[i][j], outGradient[i]);
            }
            for (int j = 0; j < length; j++) {
                if (!visibility.visible(i, j)) {
                    continue;
                }
                double score = probabilities[i][j] * (dot(outGradient[i], value[j]) - mean) / Math.sqrt(size);
                add(queryGradient[i], score, key[j]);
                add(keyGradient[j], score, query[i]);
            }
        }
        return new Gradients(queryGradient, keyGradient, valueGradient);
    }

    private static double dot(double[] left, double[] right) {
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            sum += left[i] * right[i];
        }
        return sum;
    }

    private static void add(double[] to, double factor, double[] from) {
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * from[i];
        }
    }
}
