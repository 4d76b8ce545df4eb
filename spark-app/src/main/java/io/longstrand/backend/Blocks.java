package io.longstrand.backend;

import io.longstrand.tensor.Tensor;
import java.util.function.Consumer;

/**
 * Cuts a kernel's rows and columns into blocks that bound its scratch, and runs them on the lanes. The cut depends on
 * the shape alone.
 */
public final class Blocks {
    /** What the work on one block runs in: its intermediate results end with it. */
    @FunctionalInterface
    public interface Scope {
        /** Runs operations. */
        void run(Runnable operations);
    }

    /** How large a block may be. */
    public record Size(long rows, long elements) {
        /** Keeps a handful of intermediate results in a core's cache. */
        public static final Size CACHE = new Size(512, 1 << 17);

        private long rowsOf(long columns) {
            return Math.max(1, Math.min(rows, elements / columns));
        }
    }

    /** A part of a matrix. @param number counts the parts row by row, from 0 */
    public record Block(long number, long firstRow, long endRow, long firstColumn, long endColumn) {
        /** This part of a tensor of the whole's shape. */
        public Tensor of(Tensor whole) {
            return whole.rows(firstRow, endRow).columns(firstColumn, endColumn);
        }

        /** This part's rows of a tensor with other columns. */
        public Tensor rowsOf(Tensor whole) {
            return whole.rows(firstRow, endRow);
        }

        /** The elements of a (1, rows) vector that belong to this part's rows. */
        public Tensor perRow(Tensor vector) {
            return vector.columns(firstRow, endRow);
        }
    }

    private final Lanes lanes;
    private final Size size;
    private final Scope scope;

    /** Cuts into blocks of at most a size, the work on each in a scope of its own. */
    public Blocks(Lanes lanes, Size size, Scope scope) {
        this.lanes = lanes;
        this.size = size;
        this.scope = scope;
    }

    /** How many blocks {@link #rows} cuts a tensor that is not empty into. */
    public long count(Tensor shape) {
        long height = size.rowsOf(shape.columns());
        return 1 + (shape.rows() - 1) / height;
    }

    /** Blocks of whole rows, on the lanes. */
    public void rows(long rows, long columns, Consumer<Block> work) {
        if (rows > 0 && columns > 0) {
            grid(rows, columns, size.rowsOf(columns), columns, work);
        }
    }

    /** Blocks of rows and columns, on the lanes: for kernels that treat each element alone. */
    public void elements(Tensor shape, Consumer<Block> work) {
        if (shape.elements() > 0) {
            grid(shape.rows(), shape.columns(), size.rowsOf(shape.columns()), size.elements(), work);
        }
    }

    /** Blocks of rows and columns one after the other on the calling thread: for sums over the whole. */
    public void inOrder(Tensor shape, Consumer<Block> work) {
        inOrder(shape, size.elements(), work);
    }

    /** Blocks of whole rows one after the other on the calling thread: for sums over rows. */
    public void rowsInOrder(Tensor shape, Consumer<Block> work) {
        inOrder(shape, Math.max(1, shape.columns()), work);
    }

    private void inOrder(Tensor shape, long width, Consumer<Block> work) {
        if (shape.elements() == 0) {
            return;
        }
        long height = size.rowsOf(shape.columns());
        long number = 0;
        for (long row = 0; row < shape.rows(); row += height) {
            for (long column = 0; column < shape.columns(); column += width) {
                Block block = new Block(
                        number++,
                        row,
                        Math.min(row + height, shape.rows()),
                        column,
                        Math.min(column + width, shape.columns()));
                scope.run(() -> work.accept(block));
            }
        }
    }

    private void grid(long rows, long columns, long height, long width, Consumer<Block> work) {
        long across = 1 + (columns - 1) / width;
        long down = 1 + (rows - 1) / height;
        lanes.parallel(across * down, (task, lane) -> {
            long row = task / across * height;
            long column = task % across * width;
            Block block = new Block(task, row, Math.min(row + height, rows), column, Math.min(column + width, columns));
            scope.run(() -> work.accept(block));
        });
    }
}
