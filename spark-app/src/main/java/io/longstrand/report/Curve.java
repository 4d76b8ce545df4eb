package io.longstrand.report;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * One line of a chart.
 *
 * @param name in the legend
 * @param x steps, increasing
 * @param y values, as many
 * @param kind how it is drawn
 */
record Curve(String name, double[] x, double[] y, Kind kind) {
    /** More points than this only make the file larger: a chart is about this many pixels wide. */
    private static final int MOST_POINTS = 400;

    /** How a curve is drawn. */
    enum Kind {
        LINE,
        POINTS,
        REFERENCE
    }

    /** A curve over items; long ones become the means of equal runs of items. */
    static <T> Curve of(String name, List<T> items, ToLongFunction<T> x, ToDoubleFunction<T> y) {
        int points = Math.min(items.size(), MOST_POINTS);
        double[] xs = new double[points];
        double[] ys = new double[points];
        for (int point = 0; point < points; point++) {
            int from = (int) ((long) items.size() * point / points);
            int to = (int) ((long) items.size() * (point + 1) / points);
            double sum = 0;
            for (int i = from; i < to; i++) {
                sum += y.applyAsDouble(items.get(i));
            }
            xs[point] = x.applyAsLong(items.get(to - 1));
            ys[point] = sum / (to - from);
        }
        return new Curve(name, xs, ys, Kind.LINE);
    }

    /** Separate measurements, marked. */
    static <T> Curve points(String name, List<T> items, ToLongFunction<T> x, ToDoubleFunction<T> y) {
        return new Curve(
                name,
                items.stream().mapToDouble(item -> x.applyAsLong(item)).toArray(),
                items.stream().mapToDouble(y).toArray(),
                Kind.POINTS);
    }

    /** A level to compare with, from the first step to the last. */
    static Curve reference(String name, double first, double last, double value) {
        return new Curve(name, new double[] {first, last}, new double[] {value, value}, Kind.REFERENCE);
    }
}
