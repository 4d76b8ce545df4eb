package io.longstrand.backend.nd4j;

import io.longstrand.tensor.Tensor;
import java.util.function.Consumer;

/**
 * Cuts a kernel's rows and columns into blocks that bound its scratch, and runs them on the lanes. The cut depends on
 * the shape alone.
 */
final class Blocks {
    private static final long ELEMENTS = 1 << 17;
    private static final long ROWS = 512;

    /** A part of a matrix. */
    record Block(long firstRow, long endRow, long firstColumn, long endColumn) {
        /** This part of a tensor of the whole's shape. */
        Tensor of(Tensor whole) {
            return whole.rows(firstRow, endRow).columns(firstColumn, endColumn);
        }

        /** This part's rows of a tensor with other columns. */
        Tensor rowsOf(Tensor whole) {
            return whole.rows(firstRow, endRow);
        }

        /** The elements of a (1, rows) vector that belong to this part's rows. */
        Tensor perRow(Tensor vector) {
            return vector.columns(firstRow, endRow);
        }
    }

    private final Lanes lanes;
    private final Scratch scratch;

    Blocks(Lanes lanes, Scratch scratch) {
        this.lanes = lanes;
        this.scratch = scratch;
    }

    /** Blocks of whole rows, on the lanes. */
    void rows(long rows, long columns, Consumer<Block> work) {
        if (rows > 0 && columns > 0) {
            grid(rows, columns, blockRows(columns), columns, work);
        }
    }

    /** Blocks of rows and columns, on the lanes: for kernels that treat each element alone. */
    void elements(Tensor shape, Consumer<Block> work) {
        if (shape.elements() > 0) {
            grid(shape.rows(), shape.columns(), blockRows(shape.columns()), ELEMENTS, work);
        }
    }

    /** Blocks of rows and columns one after the other on the calling thread: for sums over the whole. */
    void inOrder(Tensor shape, Consumer<Block> work) {
        inOrder(shape, ELEMENTS, work);
    }

    /** Blocks of whole rows one after the other on the calling thread: for sums over rows. */
    void rowsInOrder(Tensor shape, Consumer<Block> work) {
        inOrder(shape, Math.max(1, shape.columns()), work);
    }

    private void inOrder(Tensor shape, long width, Consumer<Block> work) {
        if (shape.elements() == 0) {
            return;
        }
        long height = blockRows(shape.columns());
        for (long row = 0; row < shape.rows(); row += height) {
            for (long column = 0; column < shape.columns(); column += width) {
                Block block = new Block(
                        row, Math.min(row + height, shape.rows()), column, Math.min(column + width, shape.columns()));
                scratch.run(() -> work.accept(block));
            }
        }
    }

    private void grid(long rows, long columns, long height, long width, Consumer<Block> work) {
        long across = (columns + width - 1) / width;
        long down = (rows + height - 1) / height;
        lanes.parallel(across * down, (task, lane) -> {
            long row = task / across * height;
            long column = task % across * width;
            Block block = new Block(row, Math.min(row + height, rows), column, Math.min(column + width, columns));
            scratch.run(() -> work.accept(block));
        });
    }

    private static long blockRows(long columns) {
        return Math.max(1, Math.min(ROWS, ELEMENTS / columns));
    }
}
