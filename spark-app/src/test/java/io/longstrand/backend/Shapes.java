package io.longstrand.backend;

/** The shapes every row-wise kernel is tried on: below, at and beyond vector widths, contiguous and as views, in both types. */
final class Shapes {
    private static final int[] ROWS = {1, 5, 66};
    private static final int[] COLUMNS = {1, 7, 31, 64, 100, 257};

    /** One trial. */
    @FunctionalInterface
    interface Trial {
        /** Tries one shape; {@code what} names it in messages. */
        void run(int rows, int columns, Stored stored, String what);
    }

    private Shapes() {}

    static void each(Trial trial) {
        for (Stored stored : Stored.ways()) {
            for (int rows : ROWS) {
                for (int columns : COLUMNS) {
                    trial.run(rows, columns, stored, rows + " × " + columns + " " + stored);
                }
            }
        }
    }
}
