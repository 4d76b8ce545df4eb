package io.longstrand.conformance;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Functions of matrices, element by element; large ones on all processors, since references are slow. */
public final class Matrices {
    private Matrices() {}

    /** {@code function(in)}. */
    public static double[][] map(double[][] in, DoubleUnaryOperator function) {
        return Arrays.stream(in)
                .parallel()
                .map(row -> Arrays.stream(row).map(function).toArray())
                .toArray(double[][]::new);
    }

    /** {@code function(left, right)}, of equal shapes. */
    public static double[][] map(double[][] left, double[][] right, DoubleBinaryOperator function) {
        return IntStream.range(0, left.length)
                .parallel()
                .mapToObj(row -> IntStream.range(0, left[row].length)
                        .mapToDouble(column -> function.applyAsDouble(left[row][column], right[row][column]))
                        .toArray())
                .toArray(double[][]::new);
    }
}
