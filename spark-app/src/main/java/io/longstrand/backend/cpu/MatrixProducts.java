package io.longstrand.backend.cpu;

import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.OperandPacking;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;

/**
 * Matrix products on the lanes. A product is cut into parts of out by its shape alone, so each part is the same
 * computation whichever lane does it and however many there are; the summed dimension is never shared among lanes.
 */
final class MatrixProducts implements OperandPacking, AutoCloseable {
    /** Multiply-adds up to which a product stays whole: some hundred microseconds. */
    private static final long SMALL = 1L << 22;
    /** Rows of out that repay the packing of right, at least. */
    private static final long FEWEST_ROWS = 64;
    /** Columns of a part of a product with fewer rows. */
    private static final long PART_COLUMNS = 256;
    /** Longest rows of right that unpacking kernels read fast where they lie, in elements. */
    private static final long LONGEST_RIGHT = 384;

    private final LanePool lanes;
    private final MatmulLane[] laneProducts;
    private final Scratch packed;
    private final Scratch widened;
    private final boolean kernelsPack = OneDnn.packsOperands();

    /**
     * @param scratch for what oneDNN needs
     * @param packed for packed operands
     * @param widened for FLOAT32 copies of bfloat16 matrices
     */
    MatrixProducts(LanePool lanes, Scratch scratch, Scratch packed, Scratch widened, OneDnn library) {
        this(lanes, scratch, packed, widened, library, true);
    }

    /** Products that take their scratch as always and compute nothing: only {@link #foretell} may be called. */
    static MatrixProducts foretold(LanePool lanes, Scratch scratch, Scratch packed, Scratch widened, OneDnn library) {
        return new MatrixProducts(lanes, scratch, packed, widened, library, false);
    }

    private MatrixProducts(
            LanePool lanes, Scratch scratch, Scratch packed, Scratch widened, OneDnn library, boolean computes) {
        this.lanes = lanes;
        this.packed = packed;
        this.widened = widened;
        this.laneProducts = new MatmulLane[lanes.lanes()];
        for (int i = 0; i < laneProducts.length; i++) {
            laneProducts[i] = new MatmulLane(i, library, scratch, computes);
        }
    }

    void multiply(MatrixProduct product) {
        requireDevice(product.left(), "left");
        requireDevice(product.right(), "right");
        requireDevice(product.out(), "out");
        product.bias().ifPresent(bias -> requireDevice(bias, "bias"));
        if (product.m() == 0 || product.n() == 0) {
            return;
        }
        if (product.k() == 0) {
            throw new IllegalArgumentException("a product that sums over no element: " + product);
        }
        if (!OneDnn.hasBfloat16Products() && WidenedProduct.concerns(product)) {
            lanes.exclusively(lane -> new WidenedProduct(lane, widened).run(product, this::multiplyHere));
        } else {
            multiplyHere(product);
        }
    }

    /** Takes the scratch a product needs, whatever its operands lie in. */
    void foretell(MatrixProduct product) {
        if (product.m() == 0 || product.n() == 0) {
            return;
        }
        boolean wide = !OneDnn.hasBfloat16Products() && WidenedProduct.concerns(product);
        if (wide) {
            widened.floats(0, 1, WidenedProduct.elements(product));
        }
        multiplyHere(new ForetoldProduct(wide).of(product));
    }

    /** Whether a right operand is better packed for products that share it. */
    boolean packs() {
        return kernelsPack;
    }

    @Override
    public void packRight(Tensor right, boolean transposed, Tensor panel) {
        requireDevice(right, "right");
        requireDevice(panel, "panel");
        lanes.exclusively(lane -> laneProducts[lane].packRight(right, transposed, panel));
    }

    private void multiplyHere(MatrixProduct product) {
        if (product.packedRight()) {
            lanes.exclusively(lane -> laneProducts[lane].multiply(product, product.accumulate()));
            return;
        }
        boolean small = product.m() * product.n() * product.k() <= SMALL;
        if (product.m() >= FEWEST_ROWS && (!small || isSlowWhereItLies(product))) {
            lanes.exclusively(lane -> new BlockedProduct(
                            lanes, laneProducts, product, kernelsPack, packed.take(lane, BlockedProduct.panelBytes()))
                    .multiply());
        } else if (product.transposeLeft() && product.m() == 1) {
            lanes.exclusively(lane -> inColumns(withLeftRow(product, lane), small ? product.n() : PART_COLUMNS));
        } else {
            inColumns(product, small ? product.n() : PART_COLUMNS);
        }
    }

    /** A single column used as a row is copied to one: oneDNN 3.6 takes the elements of such a row for adjacent. */
    private MatrixProduct withLeftRow(MatrixProduct product, int lane) {
        Tensor column = product.left();
        CpuMemory row = packed.take(lane, BlockedProduct.panelBytes());
        if (column.bytes() > row.bytes()) {
            throw new IllegalArgumentException("a product that sums over " + product.k() + " elements of one column");
        }
        Tensor left = Tensor.contiguous(row, 0, column.type(), 1, product.k());
        laneProducts[lane].packLeft(column, left);
        return new MatrixProduct(
                left,
                false,
                product.right(),
                product.transposeRight(),
                false,
                product.out(),
                product.accumulate(),
                product.bias(),
                product.activation());
    }

    private boolean isSlowWhereItLies(MatrixProduct product) {
        return !kernelsPack
                && (!product.transposeRight() && product.right().rowStride() > LONGEST_RIGHT
                        || product.transposeLeft() && product.left().rowStride() > LONGEST_RIGHT);
    }

    private void inColumns(MatrixProduct product, long width) {
        lanes.parallel((product.n() + width - 1) / width, (part, lane) -> {
            long from = part * width;
            long to = Math.min(product.n(), from + width);
            Tensor right = product.transposeRight()
                    ? product.right().rows(from, to)
                    : product.right().columns(from, to);
            MatrixProduct columns = new MatrixProduct(
                    product.left(),
                    product.transposeLeft(),
                    right,
                    product.transposeRight(),
                    false,
                    product.out().columns(from, to),
                    product.accumulate(),
                    product.bias().map(bias -> bias.columns(from, to)),
                    product.activation());
            laneProducts[lane].multiply(columns, product.accumulate());
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
        for (MatmulLane lane : laneProducts) {
            lane.close();
        }
    }
}
