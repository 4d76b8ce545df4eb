package io.longstrand.backend;

import java.util.Random;

/** Test data that float32 holds exactly, the same in every run. */
final class RandomMatrices {
    private final Random random;

    RandomMatrices(long seed) {
        random = new Random(seed);
    }

    /** Standard normal numbers. */
    double[][] normal(int rows, int columns) {
        return normal(rows, columns, 1);
    }

    /** Normal numbers of a given deviation. */
    double[][] normal(int rows, int columns, double deviation) {
        double[][] values = new double[rows][];
        for (int row = 0; row < rows; row++) {
            values[row] = normalRow(columns, deviation);
        }
        return values;
    }

    /** One row of normal numbers. */
    double[] normalRow(int columns, double deviation) {
        double[] values = new double[columns];
        for (int column = 0; column < columns; column++) {
            values[column] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    /** Whole numbers from 0 to {@code bound − 1}. */
    int[] integers(int count, int bound) {
        return random.ints(count, 0, bound).toArray();
    }
}
