package io.longstrand.backend;

/** The shapes every row-wise kernel is tried on: below, at and beyond vector widths, contiguous and as views. */
final class Shapes {
    private static final int[] ROWS = {1, 5, 66};
    private static final int[] COLUMNS = {1, 7, 31, 64, 100, 257};

    /** One trial. */
    @FunctionalInterface
    interface Trial {
        /** Tries one shape; {@code what} names it in messages. */
        void run(int rows, int columns, Placing placing, String what);
    }

    private Shapes() {}

    static void each(Trial trial) {
        for (Placing placing : Placing.values()) {
            for (int rows : ROWS) {
                for (int columns : COLUMNS) {
                    trial.run(rows, columns, placing, rows + " × " + columns + " " + placing);
                }
            }
        }
    }
}
