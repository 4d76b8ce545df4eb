package io.longstrand.backend.cpu;

import io.longstrand.tensor.Activation;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * One large product in blocks (Goto and van de Geijn 2008). An operand read along its rows by steps of k falls into
 * few cache sets and many pages, worst at powers of two, and costs up to half the speed; so right, and left where it is
 * used transposed, are first copied into panels, once for all lanes, and then every block of out is multiplied from
 * panels. Right stays where it lies when kernels that pack operands themselves use each part of it once: one copy is then
 * as good as the other, and theirs does not leave the cache. Blocks depend on the shape alone; their order within a phase
 * does not matter, because each lies in its own part of out.
 */
final class BlockedProduct {
    /** Rows of a block of out, at most. */
    private static final long BLOCK_ROWS = 512;
    /** Bytes of one panel's rows along k: a panel of floats and a block of left's rows fill half of 2 MiB each. */
    private static final long PHASE_BYTES = 4096;
    /** Bytes of all panels of right, and of left, at a time. */
    private static final long PANELS_BYTES = 4L << 20;
    /** Rows and columns of a block cut smaller to occupy lanes, at least. */
    private static final long SMALLEST_BLOCK = 64;
    /** Blocks a product of some size is cut into, at least. */
    private static final long BLOCKS = 4;

    /** Columns of a panel for the kernels that like them packed by oneDNN's own arrangement. */
    private static final long WIDE_PANEL = 512;
    /** Columns of a panel of plain rows: a multiple of the AVX2 kernels' 24, and no power of two. */
    private static final long NARROW_PANEL = 192;

    private final LanePool lanes;
    private final MatmulLane[] laneProducts;
    private final MatrixProduct product;
    private final long rows;
    private final long columns;
    private final long phase;
    private final long groupRows;
    private final long groupColumns;
    private final boolean packsRight;
    private final CpuMemory panels;

    /**
     * @param kernelsPack whether the kernels would pack operands themselves
     * @param panels of at least {@link #panelBytes}
     */
    BlockedProduct(
            LanePool lanes, MatmulLane[] laneProducts, MatrixProduct product, boolean kernelsPack, CpuMemory panels) {
        this.lanes = lanes;
        this.laneProducts = laneProducts;
        this.product = product;
        this.panels = panels;
        long blockRows = Math.min(product.m(), BLOCK_ROWS);
        long blockColumns = Math.min(product.n(), kernelsPack ? WIDE_PANEL : NARROW_PANEL);
        while (parts(product.m(), blockRows) * parts(product.n(), blockColumns) < BLOCKS
                && Math.max(blockRows, blockColumns) > SMALLEST_BLOCK) {
            if (blockRows >= blockColumns) {
                blockRows = half(blockRows);
            } else {
                blockColumns = half(blockColumns);
            }
        }
        rows = blockRows;
        columns = blockColumns;
        phase = Math.min(product.k(), PHASE_BYTES / product.right().type().bytes());
        packsRight = !kernelsPack || parts(product.m(), rows) > 1;
        groupColumns = group(columns);
        groupRows = product.transposeLeft() ? group(rows) : product.m();
    }

    /** Bytes of panels any product needs. */
    static long panelBytes() {
        return 2 * PANELS_BYTES;
    }

    /** Rows or columns whose panels are there at a time: whole blocks. */
    private static long group(long block) {
        return Math.max(1, PANELS_BYTES / PHASE_BYTES / slot(block)) * block;
    }

    private static long parts(long whole, long part) {
        return (whole + part - 1) / part;
    }

    /** Half, rounded up to whole panels of the kernels. */
    private static long half(long size) {
        return slot(size / 2);
    }

    /** Rows or columns a panel has room for: oneDNN fills panels up to 64. */
    private static long slot(long size) {
        return parts(size, 64) * 64;
    }

    void multiply() {
        for (long column = 0; column < product.n(); column += groupColumns) {
            long endColumn = Math.min(product.n(), column + groupColumns);
            for (long from = 0; from < product.k(); from += phase) {
                long to = Math.min(product.k(), from + phase);
                if (packsRight) {
                    packRight(from, to, column, endColumn);
                }
                for (long row = 0; row < product.m(); row += groupRows) {
                    long endRow = Math.min(product.m(), row + groupRows);
                    if (product.transposeLeft()) {
                        packLeft(from, to, row, endRow);
                    }
                    multiply(from, to, row, endRow, column, endColumn);
                }
            }
        }
    }

    private void packRight(long from, long to, long column, long endColumn) {
        lanes.parallel(parts(endColumn - column, columns), (number, lane) -> {
            long start = column + number * columns;
            long end = Math.min(endColumn, start + columns);
            laneProducts[lane].packRight(
                    right(from, to, start, end), product.transposeRight(), rightPanel(number, to - from, end - start));
        });
    }

    private void packLeft(long from, long to, long row, long endRow) {
        lanes.parallel(parts(endRow - row, rows), (number, lane) -> {
            long start = row + number * rows;
            long end = Math.min(endRow, start + rows);
            laneProducts[lane].packLeft(
                    product.left().rows(from, to).columns(start, end), leftPanel(number, end - start, to - from));
        });
    }

    private void multiply(long from, long to, long row, long endRow, long column, long endColumn) {
        long acrossColumns = parts(endColumn - column, columns);
        boolean last = to == product.k();
        boolean accumulate = product.accumulate() || from > 0;
        lanes.parallel(parts(endRow - row, rows) * acrossColumns, (number, lane) -> {
            long rowNumber = number / acrossColumns;
            long columnNumber = number % acrossColumns;
            long startRow = row + rowNumber * rows;
            long stopRow = Math.min(endRow, startRow + rows);
            long startColumn = column + columnNumber * columns;
            long stopColumn = Math.min(endColumn, startColumn + columns);
            Tensor left = product.transposeLeft()
                    ? leftPanel(rowNumber, stopRow - startRow, to - from)
                    : product.left().rows(startRow, stopRow).columns(from, to);
            Optional<Tensor> bias =
                    last ? product.bias().map(whole -> whole.columns(startColumn, stopColumn)) : Optional.empty();
            MatrixProduct block = new MatrixProduct(
                    left,
                    false,
                    packsRight
                            ? rightPanel(columnNumber, to - from, stopColumn - startColumn)
                            : right(from, to, startColumn, stopColumn),
                    !packsRight && product.transposeRight(),
                    packsRight,
                    product.out().rows(startRow, stopRow).columns(startColumn, stopColumn),
                    false,
                    bias,
                    last ? product.activation() : Activation.NONE);
            laneProducts[lane].multiply(block, accumulate);
        });
    }

    /** A part of right as it lies. */
    private Tensor right(long from, long to, long start, long end) {
        return product.transposeRight()
                ? product.right().rows(start, end).columns(from, to)
                : product.right().rows(from, to).columns(start, end);
    }

    /** (k, columns) of right, in the kernels' own arrangement. */
    private Tensor rightPanel(long number, long k, long width) {
        return Tensor.contiguous(
                panels, number * slot(columns) * PHASE_BYTES, product.right().type(), k, width);
    }

    /** (rows, k) of left. */
    private Tensor leftPanel(long number, long height, long k) {
        long offset = PANELS_BYTES + number * slot(rows) * PHASE_BYTES;
        return Tensor.contiguous(panels, offset, product.left().type(), height, k);
    }
}
