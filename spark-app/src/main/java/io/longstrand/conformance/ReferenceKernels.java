package io.longstrand.conformance;

import java.util.stream.IntStream;

/**
 * The kernels in float64, one plain loop each, written from their formulas and not from any implementation. Results are
 * returned, nothing is changed in place.
 */
public final class ReferenceKernels {
    private ReferenceKernels() {}

    /** {@code op(left) · op(right)}. */
    public static double[][] matmul(double[][] left, boolean transposeLeft, double[][] right, boolean transposeRight) {
        double[][] a = transposeLeft ? transpose(left) : left;
        double[][] b = transposeRight ? right : transpose(right); // (n, k)
        double[][] out = new double[a.length][b.length];
        IntStream.range(0, a.length).parallel().forEach(i -> {
            for (int j = 0; j < b.length; j++) {
                double sum = 0;
                for (int k = 0; k < a[i].length; k++) {
                    sum += a[i][k] * b[j][k];
                }
                out[i][j] = sum;
            }
        });
        return out;
    }

    public static double[][] transpose(double[][] in) {
        double[][] out = new double[in[0].length][in.length];
        for (int i = 0; i < in.length; i++) {
            for (int j = 0; j < in[0].length; j++) {
                out[j][i] = in[i][j];
            }
        }
        return out;
    }

    public static double[][] plus(double[][] left, double[][] right) {
        double[][] out = new double[left.length][left[0].length];
        for (int i = 0; i < left.length; i++) {
            for (int j = 0; j < left[0].length; j++) {
                out[i][j] = left[i][j] + right[i][j];
            }
        }
        return out;
    }

    public static double[][] plusRow(double[][] in, double[] bias) {
        double[][] out = new double[in.length][in[0].length];
        for (int i = 0; i < in.length; i++) {
            for (int j = 0; j < in[0].length; j++) {
                out[i][j] = in[i][j] + bias[j];
            }
        }
        return out;
    }

    public static double[] columnSums(double[][] in) {
        double[] out = new double[in[0].length];
        for (double[] row : in) {
            for (int j = 0; j < row.length; j++) {
                out[j] += row[j];
            }
        }
        return out;
    }

    public static double[] rowDots(double[][] left, double[][] right) {
        double[] out = new double[left.length];
        for (int i = 0; i < left.length; i++) {
            for (int j = 0; j < left[i].length; j++) {
                out[i] += left[i][j] * right[i][j];
            }
        }
        return out;
    }

    /** What a norm yields; the mean is 0 for RMS norm. */
    public record Norm(double[][] out, double[] mean, double[] inverseDeviation) {}

    public static Norm layerNorm(double[][] in, double[] gain, double[] bias, double epsilon) {
        int n = gain.length;
        double[][] out = new double[in.length][n];
        double[] means = new double[in.length];
        double[] inverseDeviations = new double[in.length];
        for (int row = 0; row < in.length; row++) {
            double mean = 0;
            for (double value : in[row]) {
                mean += value / n;
            }
            double variance = 0;
            for (double value : in[row]) {
                variance += (value - mean) * (value - mean) / n;
            }
            means[row] = mean;
            inverseDeviations[row] = 1 / Math.sqrt(variance + epsilon);
            for (int column = 0; column < n; column++) {
                out[row][column] = (in[row][column] - mean) * inverseDeviations[row] * gain[column] + bias[column];
            }
        }
        return new Norm(out, means, inverseDeviations);
    }

    /** Gradients of a norm, not yet added to anything; bias is empty for RMS norm. */
    public record NormGradient(double[][] in, double[] gain, double[] bias) {}

    /** The chain rule through out, normalised, deviation and mean, one after the other. */
    public static NormGradient layerNormBackward(double[][] outGradient, double[][] in, double[] gain, double epsilon) {
        int n = gain.length;
        Norm norm = layerNorm(in, gain, new double[n], epsilon);
        double[][] inGradient = new double[in.length][n];
        double[] gainGradient = new double[n];
        double[] biasGradient = new double[n];
        for (int row = 0; row < in.length; row++) {
            double r = norm.inverseDeviation()[row];
            double mean = norm.mean()[row];
            double byDeviation = 0; // gradient of 1 / deviation
            double sum = 0;
            for (int column = 0; column < n; column++) {
                double centred = in[row][column] - mean;
                double normalisedGradient = outGradient[row][column] * gain[column];
                gainGradient[column] += outGradient[row][column] * centred * r;
                biasGradient[column] += outGradient[row][column];
                byDeviation += normalisedGradient * centred;
                sum += normalisedGradient;
            }
            double byVariance = byDeviation * -0.5 * r * r * r;
            for (int column = 0; column < n; column++) {
                double centred = in[row][column] - mean;
                inGradient[row][column] =
                        outGradient[row][column] * gain[column] * r + byVariance * 2 * centred / n - sum * r / n;
            }
        }
        return new NormGradient(inGradient, gainGradient, biasGradient);
    }

    public static Norm rmsNorm(double[][] in, double[] gain, double epsilon) {
        int n = gain.length;
        double[][] out = new double[in.length][n];
        double[] inverseRoots = new double[in.length];
        for (int row = 0; row < in.length; row++) {
            double meanSquare = 0;
            for (double value : in[row]) {
                meanSquare += value * value / n;
            }
            inverseRoots[row] = 1 / Math.sqrt(meanSquare + epsilon);
            for (int column = 0; column < n; column++) {
                out[row][column] = in[row][column] * inverseRoots[row] * gain[column];
            }
        }
        return new Norm(out, new double[in.length], inverseRoots);
    }

    public static NormGradient rmsNormBackward(double[][] outGradient, double[][] in, double[] gain, double epsilon) {
        int n = gain.length;
        Norm norm = rmsNorm(in, gain, epsilon);
        double[][] inGradient = new double[in.length][n];
        double[] gainGradient = new double[n];
        for (int row = 0; row < in.length; row++) {
            double r = norm.inverseDeviation()[row];
            double byRoot = 0;
            for (int column = 0; column < n; column++) {
                gainGradient[column] += outGradient[row][column] * in[row][column] * r;
                byRoot += outGradient[row][column] * gain[column] * in[row][column];
            }
            for (int column = 0; column < n; column++) {
                inGradient[row][column] =
                        outGradient[row][column] * gain[column] * r - byRoot * r * r * r * in[row][column] / n;
            }
        }
        return new NormGradient(inGradient, gainGradient, new double[0]);
    }

    public static double gelu(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    public static double geluDerivative(double x) {
        double tanh = Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x));
        double inner = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
        return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * inner;
    }

    public static double swiglu(double gate, double up) {
        return gate * sigmoid(gate) * up;
    }

    public static double swigluByGate(double gate, double up) {
        double sigmoid = sigmoid(gate);
        return up * (sigmoid + gate * sigmoid * (1 - sigmoid));
    }

    public static double swigluByUp(double gate) {
        return gate * sigmoid(gate);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** Turns each pair {@code (x_i, x_{i + headSize/2})} of each head by the angle its position names. */
    public static double[][] rotary(
            double[][] in, int headSize, int[] positions, double[][] cosines, double[][] sines, boolean inverse) {
        int half = headSize / 2;
        double[][] out = new double[in.length][in[0].length];
        for (int token = 0; token < in.length; token++) {
            for (int head = 0; head < in[token].length / headSize; head++) {
                for (int i = 0; i < half; i++) {
                    double cosine = cosines[positions[token]][i];
                    double sine = inverse ? -sines[positions[token]][i] : sines[positions[token]][i];
                    double x = in[token][head * headSize + i];
                    double y = in[token][head * headSize + i + half];
                    out[token][head * headSize + i] = x * cosine - y * sine;
                    out[token][head * headSize + i + half] = y * cosine + x * sine;
                }
            }
        }
        return out;
    }

    /** Losses (tokens) and the gradient of their weighted sum (tokens, vocabulary). */
    public record CrossEntropy(double[] losses, double[][] gradient) {}

    public static CrossEntropy crossEntropy(double[][] logits, int[] labels, double[] weights) {
        double[] losses = new double[logits.length];
        double[][] gradient = new double[logits.length][logits[0].length];
        for (int token = 0; token < logits.length; token++) {
            if (labels[token] < 0) {
                continue;
            }
            double logSumExp = logSumExp(logits[token]);
            losses[token] = logSumExp - logits[token][labels[token]];
            for (int column = 0; column < logits[token].length; column++) {
                double oneHot = column == labels[token] ? 1 : 0;
                gradient[token][column] = weights[token] * (Math.exp(logits[token][column] - logSumExp) - oneHot);
            }
        }
        return new CrossEntropy(losses, gradient);
    }

    public static double logSumExp(double[] values) {
        double maximum = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            maximum = Math.max(maximum, value);
        }
        if (maximum == Double.NEGATIVE_INFINITY) {
            return maximum;
        }
        double sum = 0;
        for (double value : values) {
            sum += Math.exp(value - maximum);
        }
        return maximum + Math.log(sum);
    }

    /** Parameter and moments after one AdamW step. */
    public record AdamW(double parameter, double firstMoment, double secondMoment) {
        public AdamW step(
                long step, double rate, double beta1, double beta2, double epsilon, double decay, double gradient) {
            double m = beta1 * firstMoment + (1 - beta1) * gradient;
            double v = beta2 * secondMoment + (1 - beta2) * gradient * gradient;
            double corrected = m / (1 - Math.pow(beta1, step));
            double root = Math.sqrt(v / (1 - Math.pow(beta2, step)));
            return new AdamW(parameter - rate * decay * parameter - rate * corrected / (root + epsilon), m, v);
        }
    }
}
