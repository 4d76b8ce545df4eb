package io.longstrand.conformance;

import java.util.ArrayList;
import java.util.List;

/**
 * The shapes every row-wise kernel is tried on, in every way to store them, and the large ones in both types.
 *
 * @param rows below, at and beyond what is computed at once
 * @param columns below, at and beyond vector widths
 * @param large (rows, columns) as training has them, so that a device takes the ways it takes there
 */
record Sizes(List<Integer> rows, List<Integer> columns, List<Shape> large) {
    /** What tests try: every tail, nothing large. */
    static final Sizes TAILS = new Sizes(List.of(1, 5, 66), List.of(1, 7, 31, 64, 100, 257), List.of());
    /** What is tried where seconds count. */
    static final Sizes BRIEF = new Sizes(List.of(66), List.of(7, 31, 257), List.of());
    /** What is tried on a device that nobody watches: some tails, and as many rows as a sequence has. */
    static final Sizes DEVICE = new Sizes(List.of(1, 66), List.of(7, 31, 257), List.of(new Shape(4096, 1024)));

    /** Rows and columns. */
    record Shape(int rows, int columns) {}

    /** One trial. */
    @FunctionalInterface
    interface Trial {
        /** Tries one shape; {@code what} names it in messages. */
        void run(int rows, int columns, Stored stored, String what);
    }

    /** Runs a trial in every shape. @param between what is done after each */
    void each(Trial trial, Runnable between) {
        for (Stored stored : Stored.ways()) {
            for (Shape shape : shapes(stored)) {
                trial.run(shape.rows(), shape.columns(), stored, shape.rows() + " × " + shape.columns() + " " + stored);
                between.run();
            }
        }
    }

    private List<Shape> shapes(Stored stored) {
        List<Shape> shapes = new ArrayList<>();
        rows.forEach(height -> columns.forEach(width -> shapes.add(new Shape(height, width))));
        if (stored.placing() == Placing.CONTIGUOUS) {
            shapes.addAll(large);
        }
        return shapes;
    }
}
