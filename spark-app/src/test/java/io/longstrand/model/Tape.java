package io.longstrand.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.DoubleUnaryOperator;

/**
 * Reverse-mode differentiation in float64: each operation computes its result and remembers how to bring the result's
 * gradient to its inputs; {@link #backward()} runs these in reverse. One plain loop per operation.
 */
final class Tape {
    private final Deque<Runnable> backwards = new ArrayDeque<>();

    /** Runs everything remembered, last first; the gradients of the last results must be set. */
    void backward() {
        while (!backwards.isEmpty()) {
            backwards.pop().run();
        }
    }

    /** Rows of a table. */
    Matrix lookUp(Matrix table, int[] indices) {
        Matrix out = Matrix.zeros(indices.length, table.columns());
        for (int row = 0; row < indices.length; row++) {
            for (int column = 0; column < table.columns(); column++) {
                out.set(row, column, table.at(indices[row], column));
            }
        }
        backwards.push(() -> {
            for (int row = 0; row < indices.length; row++) {
                for (int column = 0; column < table.columns(); column++) {
                    table.addGradient(indices[row], column, out.gradientAt(row, column));
                }
            }
        });
        return out;
    }

    /** {@code left + right}, equal shapes. */
    Matrix add(Matrix left, Matrix right) {
        Matrix out = Matrix.zeros(left.rows(), left.columns());
        for (int i = 0; i < out.values().length; i++) {
            out.values()[i] = left.values()[i] + right.values()[i];
        }
        backwards.push(() -> {
            for (int i = 0; i < out.values().length; i++) {
                left.gradient()[i] += out.gradient()[i];
                right.gradient()[i] += out.gradient()[i];
            }
        });
        return out;
    }

    /** {@code in · weight + bias}. */
    Matrix linear(Matrix in, Matrix weight, Matrix bias) {
        Matrix out = Matrix.zeros(in.rows(), weight.columns());
        for (int row = 0; row < out.rows(); row++) {
            for (int column = 0; column < out.columns(); column++) {
                double sum = bias.at(0, column);
                for (int k = 0; k < in.columns(); k++) {
                    sum += in.at(row, k) * weight.at(k, column);
                }
                out.set(row, column, sum);
            }
        }
        backwards.push(() -> {
            for (int row = 0; row < out.rows(); row++) {
                for (int column = 0; column < out.columns(); column++) {
                    double gradient = out.gradientAt(row, column);
                    bias.addGradient(0, column, gradient);
                    for (int k = 0; k < in.columns(); k++) {
                        in.addGradient(row, k, gradient * weight.at(k, column));
                        weight.addGradient(k, column, gradient * in.at(row, k));
                    }
                }
            }
        });
        return out;
    }

    /** {@code in · tableᵀ}: logits. */
    Matrix logits(Matrix in, Matrix table) {
        Matrix out = Matrix.zeros(in.rows(), table.rows());
        for (int row = 0; row < out.rows(); row++) {
            for (int token = 0; token < table.rows(); token++) {
                double sum = 0;
                for (int k = 0; k < in.columns(); k++) {
                    sum += in.at(row, k) * table.at(token, k);
                }
                out.set(row, token, sum);
            }
        }
        backwards.push(() -> {
            for (int row = 0; row < out.rows(); row++) {
                for (int token = 0; token < table.rows(); token++) {
                    for (int k = 0; k < in.columns(); k++) {
                        in.addGradient(row, k, out.gradientAt(row, token) * table.at(token, k));
                        table.addGradient(token, k, out.gradientAt(row, token) * in.at(row, k));
                    }
                }
            }
        });
        return out;
    }

    /** {@code (in − mean) / √(variance + epsilon) · gain + bias}, row by row. */
    Matrix layerNorm(Matrix in, Matrix gain, Matrix bias, double epsilon) {
        Matrix centred = Matrix.zeros(in.rows(), in.columns());
        for (int row = 0; row < in.rows(); row++) {
            double mean = 0;
            for (int column = 0; column < in.columns(); column++) {
                mean += in.at(row, column) / in.columns();
            }
            for (int column = 0; column < in.columns(); column++) {
                centred.set(row, column, in.at(row, column) - mean);
            }
        }
        backwards.push(() -> {
            for (int row = 0; row < in.rows(); row++) {
                double mean = 0;
                for (int column = 0; column < in.columns(); column++) {
                    mean += centred.gradientAt(row, column) / in.columns();
                }
                for (int column = 0; column < in.columns(); column++) {
                    in.addGradient(row, column, centred.gradientAt(row, column) - mean);
                }
            }
        });
        // The variance is the mean square of the centred row: what remains is RMS norm.
        Matrix scaled = rmsNorm(centred, gain, epsilon);
        Matrix out = Matrix.zeros(in.rows(), in.columns());
        for (int row = 0; row < in.rows(); row++) {
            for (int column = 0; column < in.columns(); column++) {
                out.set(row, column, scaled.at(row, column) + bias.at(0, column));
            }
        }
        backwards.push(() -> {
            for (int row = 0; row < in.rows(); row++) {
                for (int column = 0; column < in.columns(); column++) {
                    scaled.addGradient(row, column, out.gradientAt(row, column));
                    bias.addGradient(0, column, out.gradientAt(row, column));
                }
            }
        });
        return out;
    }

    /** {@code in / √(mean square + epsilon) · gain}, row by row. */
    Matrix rmsNorm(Matrix in, Matrix gain, double epsilon) {
        Matrix out = Matrix.zeros(in.rows(), in.columns());
        double[] roots = new double[in.rows()];
        for (int row = 0; row < in.rows(); row++) {
            double meanSquare = 0;
            for (int column = 0; column < in.columns(); column++) {
                meanSquare += in.at(row, column) * in.at(row, column) / in.columns();
            }
            roots[row] = Math.sqrt(meanSquare + epsilon);
            for (int column = 0; column < in.columns(); column++) {
                out.set(row, column, in.at(row, column) / roots[row] * gain.at(0, column));
            }
        }
        backwards.push(() -> {
            for (int row = 0; row < in.rows(); row++) {
                double byRoot = 0;
                for (int column = 0; column < in.columns(); column++) {
                    double gradient = out.gradientAt(row, column);
                    gain.addGradient(0, column, gradient * in.at(row, column) / roots[row]);
                    in.addGradient(row, column, gradient * gain.at(0, column) / roots[row]);
                    byRoot -= gradient * gain.at(0, column) * in.at(row, column) / (roots[row] * roots[row]);
                }
                for (int column = 0; column < in.columns(); column++) {
                    in.addGradient(row, column, byRoot * in.at(row, column) / (in.columns() * roots[row]));
                }
            }
        });
        return out;
    }

    /** A function of each element, with its derivative. */
    Matrix apply(Matrix in, DoubleUnaryOperator function, DoubleUnaryOperator derivative) {
        Matrix out = Matrix.zeros(in.rows(), in.columns());
        for (int i = 0; i < out.values().length; i++) {
            out.values()[i] = function.applyAsDouble(in.values()[i]);
        }
        backwards.push(() -> {
            for (int i = 0; i < out.values().length; i++) {
                in.gradient()[i] += out.gradient()[i] * derivative.applyAsDouble(in.values()[i]);
            }
        });
        return out;
    }

    /** {@code left · right}, element by element. */
    Matrix times(Matrix left, Matrix right) {
        Matrix out = Matrix.zeros(left.rows(), left.columns());
        for (int i = 0; i < out.values().length; i++) {
            out.values()[i] = left.values()[i] * right.values()[i];
        }
        backwards.push(() -> {
            for (int i = 0; i < out.values().length; i++) {
                left.gradient()[i] += out.gradient()[i] * right.values()[i];
                right.gradient()[i] += out.gradient()[i] * left.values()[i];
            }
        });
        return out;
    }

    /**
     * Turns the pairs {@code (x_i, x_{i+headSize/2})} of the first {@code heads} heads of each row by {@code position ·
     * base^(−2i/headSize)}; the other columns pass.
     */
    Matrix rotary(Matrix in, int heads, int headSize, int[] positions, double base) {
        Matrix out = Matrix.of(in.rows(), in.columns(), in.values().clone());
        int half = headSize / 2;
        for (int row = 0; row < in.rows(); row++) {
            for (int head = 0; head < heads; head++) {
                for (int i = 0; i < half; i++) {
                    double angle = positions[row] * Math.pow(base, -2.0 * i / headSize);
                    int first = head * headSize + i;
                    double x = in.at(row, first);
                    double y = in.at(row, first + half);
                    out.set(row, first, x * Math.cos(angle) - y * Math.sin(angle));
                    out.set(row, first + half, x * Math.sin(angle) + y * Math.cos(angle));
                }
            }
        }
        backwards.push(() -> {
            for (int row = 0; row < in.rows(); row++) {
                for (int column = heads * headSize; column < in.columns(); column++) {
                    in.addGradient(row, column, out.gradientAt(row, column));
                }
                for (int head = 0; head < heads; head++) {
                    for (int i = 0; i < half; i++) {
                        double angle = positions[row] * Math.pow(base, -2.0 * i / headSize);
                        int first = head * headSize + i;
                        double byX = out.gradientAt(row, first);
                        double byY = out.gradientAt(row, first + half);
                        in.addGradient(row, first, byX * Math.cos(angle) + byY * Math.sin(angle));
                        in.addGradient(row, first + half, byY * Math.cos(angle) - byX * Math.sin(angle));
                    }
                }
            }
        });
        return out;
    }

    /**
     * Softmax attention of every head.
     *
     * @param in (tokens, (heads + 2 · keyValueHeads) · headSize): queries, keys, values
     * @param firstVisible row of the first key each row sees; the last is its own
     */
    Matrix attention(Matrix in, int heads, int keyValueHeads, int headSize, int[] firstVisible) {
        Matrix out = Matrix.zeros(in.rows(), heads * headSize);
        double scale = 1 / Math.sqrt(headSize);
        for (int head = 0; head < heads; head++) {
            int query = head * headSize;
            int key = (heads + head / (heads / keyValueHeads)) * headSize;
            int value = key + keyValueHeads * headSize;
            for (int row = 0; row < in.rows(); row++) {
                attend(in, out, row, firstVisible[row], query, key, value, headSize, scale);
            }
        }
        return out;
    }

    private void attend(
            Matrix in, Matrix out, int row, int first, int query, int key, int value, int headSize, double scale) {
        double[] probabilities = new double[row - first + 1];
        double sum = 0;
        double largest = Double.NEGATIVE_INFINITY;
        for (int other = first; other <= row; other++) {
            for (int i = 0; i < headSize; i++) {
                probabilities[other - first] += scale * in.at(row, query + i) * in.at(other, key + i);
            }
            largest = Math.max(largest, probabilities[other - first]);
        }
        for (int j = 0; j < probabilities.length; j++) {
            probabilities[j] = Math.exp(probabilities[j] - largest);
            sum += probabilities[j];
        }
        for (int j = 0; j < probabilities.length; j++) {
            probabilities[j] /= sum;
            for (int i = 0; i < headSize; i++) {
                out.values()[row * out.columns() + query + i] += probabilities[j] * in.at(first + j, value + i);
            }
        }
        backwards.push(() -> {
            double[] byProbability = new double[probabilities.length];
            double mean = 0;
            for (int j = 0; j < probabilities.length; j++) {
                for (int i = 0; i < headSize; i++) {
                    double gradient = out.gradientAt(row, query + i);
                    byProbability[j] += gradient * in.at(first + j, value + i);
                    in.addGradient(first + j, value + i, gradient * probabilities[j]);
                }
                mean += probabilities[j] * byProbability[j];
            }
            for (int j = 0; j < probabilities.length; j++) {
                double byScore = probabilities[j] * (byProbability[j] - mean) * scale;
                for (int i = 0; i < headSize; i++) {
                    in.addGradient(row, query + i, byScore * in.at(first + j, key + i));
                    in.addGradient(first + j, key + i, byScore * in.at(row, query + i));
                }
            }
        });
    }
}
