package io.longstrand.backend.cpu;

import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;

/**
 * Matrix products on the lanes. A product is cut into parts of out by its shape alone, so each part is the same
 * computation whichever lane does it and however many there are; the summed dimension is never cut.
 */
final class MatrixProducts implements AutoCloseable {
    /** Multiply-adds below which a product stays whole: some hundred microseconds. */
    private static final long SMALL = 1L << 22;

    /** Rows and columns of a part, at most: larger parts pack their operands fewer times. */
    private static final long PART = 512;
    /** Rows and columns of a part cut smaller to occupy lanes, at least. */
    private static final long SMALLEST_PART = 64;
    /** Parts a product of some size is cut into, at least. */
    private static final long PARTS = 4;

    private final LanePool lanes;
    private final Scratch scratch;
    private final OneDnn library;
    private final MatmulLane[] matmulLanes;
    private final Thread[] held;

    MatrixProducts(LanePool lanes, Scratch scratch, OneDnn library) {
        this.lanes = lanes;
        this.scratch = scratch;
        this.library = library;
        this.matmulLanes = new MatmulLane[lanes.lanes()];
        this.held = new Thread[lanes.lanes()];
        for (int i = 0; i < matmulLanes.length; i++) {
            matmulLanes[i] = new MatmulLane(library.engine());
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
        long partRows = m;
        long partColumns = n;
        if (m * n * k > SMALL) {
            partRows = Math.min(m, PART);
            partColumns = Math.min(n, PART);
            while (parts(m, partRows) * parts(n, partColumns) < PARTS
                    && Math.max(partRows, partColumns) > SMALLEST_PART) {
                if (partRows >= partColumns) {
                    partRows = half(partRows);
                } else {
                    partColumns = half(partColumns);
                }
            }
        }
        multiply(product, partRows, partColumns);
    }

    private static long parts(long whole, long part) {
        return (whole + part - 1) / part;
    }

    /** Half, rounded up to whole cache lines of floats. */
    private static long half(long size) {
        return (size / 2 + 15) / 16 * 16;
    }

    private void multiply(MatrixProduct product, long partRows, long partColumns) {
        long m = product.m();
        long n = product.n();
        MatmulForm form = MatmulForm.of(product);
        long acrossColumns = parts(n, partColumns);
        lanes.parallel(parts(m, partRows) * acrossColumns, (part, lane) -> {
            long row = part / acrossColumns * partRows;
            long column = part % acrossColumns * partColumns;
            long rows = Math.min(partRows, m - row);
            long columns = Math.min(partColumns, n - column);
            execute(product, rows == m && columns == n ? form : form.part(rows, columns), row, column, lane);
        });
    }

    private void execute(MatrixProduct product, MatmulForm form, long row, long column, int lane) {
        if (held[lane] != Thread.currentThread()) {
            library.holdCallingThread();
            held[lane] = Thread.currentThread();
        }
        MatmulLane own = matmulLanes[lane];
        MatmulPrimitive primitive = own.primitive(form);
        Tensor left = product.left();
        Tensor right = product.right();
        Tensor out = product.out();
        long leftSkip = product.transposeLeft() ? row : row * left.rowStride();
        long rightSkip = product.transposeRight() ? column * right.rowStride() : column;
        long bias = product.bias().isPresent()
                ? product.bias().get().address()
                        + column * product.bias().get().type().bytes()
                : 0;
        long scratchpad = primitive.scratchpadBytes() == 0
                ? 0
                : scratch.take(lane, primitive.scratchpadBytes()).address();
        primitive.execute(
                own.stream(),
                own.address(),
                left.address() + leftSkip * left.type().bytes(),
                right.address() + rightSkip * right.type().bytes(),
                out.address() + (row * out.rowStride() + column) * out.type().bytes(),
                bias,
                scratchpad);
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
        for (MatmulLane lane : matmulLanes) {
            lane.close();
        }
    }
}
