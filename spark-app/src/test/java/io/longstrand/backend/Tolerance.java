package io.longstrand.backend;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds results to a reference: each element within {@code relative · (|expected| + root mean square of the finite
 * expected ones)}, so that elements that cancel out are judged by the scale of their tensor.
 *
 * @param relative what computing may cost
 * @param rounding what storing the result may cost, relative to the element alone
 */
record Tolerance(double relative, double rounding) {
    /** For float32 kernels: a few units in the last place, times sums of a few hundred terms. */
    static final Tolerance FLOAT32 = new Tolerance(2e-6);
    /** For float32 sums of up to a few thousand terms, and differences of nearly equal numbers. */
    static final Tolerance FLOAT32_SUMS = new Tolerance(2e-5);

    Tolerance(double relative) {
        this(relative, 0);
    }

    /** The same, for results that are rounded when they are stored. */
    Tolerance rounding(double relativeToElement) {
        return new Tolerance(relative, relativeToElement);
    }

    void check(String what, double[] actual, double[] expected) {
        check(what, new double[][] {actual}, new double[][] {expected});
    }

    void check(String what, double[][] actual, double[][] expected) {
        assertThat(actual.length).as("%s: rows", what).isEqualTo(expected.length);
        double scale = rootMeanSquare(expected);
        for (int row = 0; row < expected.length; row++) {
            assertThat(actual[row].length).as("%s: columns", what).isEqualTo(expected[row].length);
            for (int column = 0; column < expected[row].length; column++) {
                double want = expected[row][column];
                double got = actual[row][column];
                boolean close = Double.isFinite(want)
                        ? Math.abs(got - want) <= relative * (Math.abs(want) + scale) + rounding * Math.abs(want)
                        : Double.compare(got, want) == 0;
                if (!close) {
                    throw new AssertionError(what + ": element (" + row + ", " + column + ") is " + got + " instead of "
                            + want + " (scale " + scale + ", tolerance " + relative + " and " + rounding + ")");
                }
            }
        }
    }

    private static double rootMeanSquare(double[][] values) {
        double sum = 0;
        long count = 0;
        for (double[] row : values) {
            for (double value : row) {
                if (Double.isFinite(value)) {
                    sum += value * value;
                    count++;
                }
            }
        }
        return count == 0 ? 0 : Math.sqrt(sum / count);
    }
}
