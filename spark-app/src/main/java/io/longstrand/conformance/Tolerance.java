package io.longstrand.conformance;

import java.util.Optional;

/**
 * Holds results to a reference: each element within {@code relative · (|expected| + scale)}, the scale being the root mean
 * square of the finite expected ones, so that elements that cancel out are judged by the scale of their tensor.
 *
 * @param relative what computing may cost
 * @param rounding what storing the result may cost, relative to the element alone
 * @param leastScale the scale is no smaller: that of what cancels out, where a tensor may have nothing else
 */
public record Tolerance(double relative, double rounding, double leastScale) {
    /** For float32 kernels: a few units in the last place, times sums of a few hundred terms. */
    public static final Tolerance FLOAT32 = new Tolerance(2e-6);
    /** For float32 sums of up to a few thousand terms, and differences of nearly equal numbers. */
    public static final Tolerance FLOAT32_SUMS = new Tolerance(2e-5);
    /** Terms of sums that {@link #FLOAT32} is for. */
    private static final int FEW_TERMS = 300;
    /** Bit for bit. */
    public static final Tolerance EXACT = new Tolerance(0);

    /** For float32 sums of so many terms, in whatever order a device adds them. */
    public static Tolerance ofSums(int terms) {
        return terms <= FEW_TERMS ? FLOAT32 : FLOAT32_SUMS;
    }

    /** For results that are stored as they are computed. */
    public Tolerance(double relative) {
        this(relative, 0, 0);
    }

    /** The same, for results that are rounded when they are stored. */
    public Tolerance rounding(double relativeToElement) {
        return new Tolerance(relative, relativeToElement, leastScale);
    }

    /** The same, the scale taken for no smaller. */
    public Tolerance withLeastScale(double scale) {
        return new Tolerance(relative, rounding, scale);
    }

    /** @throws AssertionError when a row is not what it should be */
    public void check(String what, double[] actual, double[] expected) {
        check(what, new double[][] {actual}, new double[][] {expected});
    }

    /** @throws AssertionError when an element is not what it should be */
    public void check(String what, double[][] actual, double[][] expected) {
        measure(what, actual, expected).requireRight();
    }

    /** Compares element by element. @param what is named in what is found wrong */
    public Deviation measure(String what, double[][] actual, double[][] expected) {
        double squares = 0;
        long count = 0;
        for (double[] row : expected) {
            for (double value : row) {
                if (Double.isFinite(value)) {
                    squares += value * value;
                    count++;
                }
            }
        }
        double scale = Math.max(leastScale, count == 0 ? 0 : Math.sqrt(squares / count));
        double differences = 0;
        double worst = 0;
        Optional<String> fault = Optional.empty();
        for (int row = 0; row < expected.length; row++) {
            for (int column = 0; column < expected[row].length; column++) {
                double want = expected[row][column];
                double got = actual[row][column];
                double share = share(got, want, scale);
                if (share > worst) {
                    worst = share;
                    if (share > 1) {
                        fault = Optional.of(what + ": element (" + row + ", " + column + ") is " + got + " instead of "
                                + want + " (scale " + scale + ", tolerance " + relative + " and " + rounding + ")");
                    }
                }
                if (Double.isFinite(want)) {
                    differences += (got - want) * (got - want);
                }
            }
        }
        double norm = Math.max(Math.sqrt(squares), leastScale * Math.sqrt(count));
        double deviation = differences == 0 ? 0 : Math.sqrt(differences) / norm;
        return new Deviation(what, rounding > 0, deviation, worst, fault);
    }

    /** Distance of an element as a share of what is allowed; infinite where nothing is, or where it is no number. */
    private double share(double got, double want, double scale) {
        if (Double.compare(got, want) == 0) {
            return 0;
        }
        if (!Double.isFinite(want)) {
            return Double.POSITIVE_INFINITY;
        }
        double distance = Math.abs(got - want);
        double allowed = relative * (Math.abs(want) + scale) + rounding * Math.abs(want);
        if (distance <= allowed) {
            return allowed == 0 ? 0 : distance / allowed;
        }
        return allowed > 0 && Double.isFinite(distance) ? distance / allowed : Double.POSITIVE_INFINITY;
    }
}
