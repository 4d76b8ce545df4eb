package io.longstrand.conformance;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Inputs that float32 holds exactly, the same in every run. */
public final class RandomMatrices {
    private final SplittableRandom random;

    /** @param seed says which */
    public RandomMatrices(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Standard normal numbers. */
    public double[][] normal(int rows, int columns) {
        return normal(rows, columns, 1);
    }

    /** Normal numbers of a given deviation. */
    public double[][] normal(int rows, int columns, double deviation) {
        // Each row has a generator of its own, so that they may be drawn on all processors.
        SplittableRandom[] perRow = Stream.generate(random::split).limit(rows).toArray(SplittableRandom[]::new);
        return IntStream.range(0, rows)
                .parallel()
                .mapToObj(row -> normalRow(perRow[row], columns, deviation))
                .toArray(double[][]::new);
    }

    /** One row of normal numbers. */
    public double[] normalRow(int columns, double deviation) {
        return normalRow(random, columns, deviation);
    }

    private static double[] normalRow(SplittableRandom random, int columns, double deviation) {
        double[] values = new double[columns];
        for (int column = 0; column < columns; column++) {
            values[column] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    /** Whole numbers from 0 to {@code bound − 1}. */
    public int[] integers(int count, int bound) {
        return random.ints(count, 0, bound).toArray();
    }
}
