package io.longstrand.backend.cpu;

import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;

/**
 * Matrix products on the lanes. A product is cut into parts of out by its shape alone, so each part is the same
 * computation whichever lane does it and however many there are; the summed dimension is never shared among lanes.
 */
final class MatrixProducts implements AutoCloseable {
    /** Multiply-adds below which a product stays whole: some hundred microseconds. */
    private static final long SMALL = 1L << 22;
    /** Rows of a part, at most. */
    private static final long PART_ROWS = 512;
    /** Columns of a part, at most: a whole number of packed panels. */
    private static final long PART_COLUMNS = 4L * MatmulPart.PANEL;
    /** Rows and columns of a part cut smaller to occupy lanes, at least. */
    private static final long SMALLEST_PART = 64;
    /** Parts a product of some size is cut into, at least. */
    private static final long PARTS = 4;

    private final LanePool lanes;
    private final OneDnn library;
    private final MatmulPart[] laneParts;
    private final Thread[] held;

    MatrixProducts(LanePool lanes, Scratch scratch, Scratch packed, Scratch widened, OneDnn library) {
        this.lanes = lanes;
        this.library = library;
        this.laneParts = new MatmulPart[lanes.lanes()];
        this.held = new Thread[lanes.lanes()];
        boolean pack = !OneDnn.packsOperands();
        for (int i = 0; i < laneParts.length; i++) {
            laneParts[i] =
                    new MatmulPart(i, library.engine(), scratch, packed, widened, pack, !OneDnn.hasBfloat16Products());
        }
    }

    void multiply(MatrixProduct product) {
        requireDevice(product.left(), "left");
        requireDevice(product.right(), "right");
        requireDevice(product.out(), "out");
        product.bias().ifPresent(bias -> requireDevice(bias, "bias"));
        long m = product.m();
        long n = product.n();
        long k = product.k();
        if (m == 0 || n == 0) {
            return;
        }
        if (k == 0) {
            throw new IllegalArgumentException("a product that sums over no element: " + product);
        }
        long rows = m;
        long columns = n;
        if (m * n * k > SMALL) {
            rows = Math.min(m, PART_ROWS);
            columns = Math.min(n, PART_COLUMNS);
            while (parts(m, rows) * parts(n, columns) < PARTS && Math.max(rows, columns) > SMALLEST_PART) {
                if (rows >= columns) {
                    rows = half(rows);
                } else {
                    columns = half(columns);
                }
            }
        }
        multiply(product, rows, columns);
    }

    private static long parts(long whole, long part) {
        return (whole + part - 1) / part;
    }

    /** Half, rounded up to whole cache lines of floats. */
    private static long half(long size) {
        return (size / 2 + 15) / 16 * 16;
    }

    private void multiply(MatrixProduct product, long rows, long columns) {
        long acrossColumns = parts(product.n(), columns);
        lanes.parallel(parts(product.m(), rows) * acrossColumns, (part, lane) -> {
            if (held[lane] != Thread.currentThread()) {
                library.holdCallingThread();
                held[lane] = Thread.currentThread();
            }
            long row = part / acrossColumns * rows;
            long column = part % acrossColumns * columns;
            laneParts[lane].multiply(
                    product, row, Math.min(rows, product.m() - row), column, Math.min(columns, product.n() - column));
        });
    }

    private static void requireDevice(Tensor tensor, String name) {
        if (tensor.place() != Place.DEVICE) {
            throw new IllegalArgumentException(name + " is " + tensor + ": kernels compute on the device only");
        }
        if (!(tensor.memory() instanceof CpuMemory)) {
            throw new IllegalArgumentException(name + " is not in memory of the cpu backend");
        }
    }

    @Override
    public void close() {
        for (MatmulPart part : laneParts) {
            part.close();
        }
    }
}
