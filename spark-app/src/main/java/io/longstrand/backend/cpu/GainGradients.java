package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;

/**
 * Runs a norm's backward block by block of rows and sums the gradients of gain and bias over the rows: within blocks
 * whose size depends on the shape alone, then over the blocks in their order.
 */
final class GainGradients {
    private static final int MOST_BLOCKS = 256;
    private static final int FEWEST_ROWS = 64;

    /** What is done with one block of rows. */
    @FunctionalInterface
    interface BlockTask {
        /**
         * Does rows {@code first} (inclusive) to {@code end} (exclusive) and adds their share to the block's sums: those
         * of the first gradient at the address {@code sums}, the others after it.
         */
        void run(long first, long end, int lane, long sums);
    }

    private final LanePool lanes;
    private final Scratch scratch;
    private final Reductions reductions;

    GainGradients(LanePool lanes, Scratch scratch, Reductions reductions) {
        this.lanes = lanes;
        this.scratch = scratch;
        this.reductions = reductions;
    }

    /** Rows that make up about as many elements as one lane works on at a time. */
    static long grain(long columns) {
        return Pieces.rowGrain(columns);
    }

    /** Rows of a block: by their number alone. */
    private static long block(long rows) {
        return Math.max(FEWEST_ROWS, (rows + MOST_BLOCKS - 1) / MOST_BLOCKS);
    }

    /** Room for the sums of every block of rows: (blocks, sums of each gradient). */
    static Tensor partialSums(Scratch scratch, int lane, long rows, int columns, int gradients) {
        return scratch.floats(lane, (rows + block(rows) - 1) / block(rows), (long) gradients * columns);
    }

    /** Runs the task on all rows and adds the sums to the gradients. */
    void blocks(long rows, int columns, BlockTask task, Tensor... parameterGradients) {
        if (rows == 0) {
            return;
        }
        long block = block(rows);
        lanes.exclusively(caller -> {
            int width = parameterGradients.length * columns;
            Tensor partial = partialSums(scratch, caller, rows, columns, parameterGradients.length);
            Rows partials = Rows.floats(partial, "scratch");
            lanes.ranges(rows, block, (first, end, lane) -> {
                long sums = partials.address(first / block);
                Elementwise.fillFloats(sums, width, 0f);
                task.run(first, end, lane, sums);
            });
            for (int i = 0; i < parameterGradients.length; i++) {
                long first = (long) i * columns;
                reductions.addColumnSums(partial.columns(first, first + columns), parameterGradients[i]);
            }
        });
    }
}
