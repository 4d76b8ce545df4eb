package io.longstrand.model;

import io.longstrand.tensor.Kernels;

/** Rows of a batch cut into tiles of one height; the last may be lower. */
final class Tiles {
    /** What is done with rows {@code from} (inclusive) to {@code to} (exclusive). */
    @FunctionalInterface
    interface Work {
        void run(long from, long to);
    }

    private final Kernels kernels;
    private final long rows;
    private final long height;

    /** @param height rows of a tile, at most; 0: all */
    Tiles(Kernels kernels, long rows, long height) {
        this.kernels = kernels;
        this.rows = rows;
        this.height = height == 0 ? rows : Math.min(rows, height);
    }

    /** Rows of the highest. */
    long height() {
        return height;
    }

    /** Does the work tile by tile, in order. A rehearsal asks for shapes alone: there the first stands for all but the last. */
    void run(Work work) {
        for (long from = 0; from < rows; from += height) {
            long to = Math.min(rows, from + height);
            if (kernels.compute() || from == 0 || to == rows) {
                work.run(from, to);
            }
        }
    }
}
