package io.longstrand.backend.cpu;

import io.longstrand.tensor.Activation;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.bytedeco.dnnl.dnnl_engine;

/**
 * Multiplies one part of out on one lane.
 *
 * <p>oneDNN's AVX2 kernels read an operand whose rows run along n or m straight from where it lies. With long rows,
 * worst at powers of two, every step along k then falls into the same few cache sets and pages, and the product runs at
 * half speed. Such operands are copied into narrow panels first, at two to five percent of the product's time.
 */
final class MatmulPart implements AutoCloseable {
    /** Columns of a panel: a multiple of the kernels' 24, and no power of two. */
    static final int PANEL = 192;
    /** Rows of a panel; longer sums are done in pieces that accumulate. */
    private static final long PANEL_ROWS = 1024;
    /** Longest rows of right that are fast where they lie, in elements. */
    private static final long LONGEST_RIGHT = 384;
    /** Shortest rows of a transposed left that are slow where they lie, in elements. */
    private static final long SHORTEST_LEFT = 512;
    /** Uses of each packed element that repay the copy. */
    private static final long FEWEST_USES = 64;

    private final int lane;
    private final MatmulLane primitives;
    private final Scratch scratch;
    private final Scratch packed;
    private final WidenedProduct widened;
    private final boolean pack;
    private final boolean widen;

    /**
     * @param scratch for what oneDNN needs
     * @param packed for the panels
     * @param widened for FLOAT32 copies of bfloat16 matrices
     * @param pack whether operands with long rows are packed here
     * @param widen whether bfloat16 matrices are multiplied as FLOAT32
     */
    MatmulPart(
            int lane,
            dnnl_engine engine,
            Scratch scratch,
            Scratch packed,
            Scratch widened,
            boolean pack,
            boolean widen) {
        this.lane = lane;
        this.primitives = new MatmulLane(engine);
        this.scratch = scratch;
        this.packed = packed;
        this.widened = new WidenedProduct(lane, widened);
        this.pack = pack;
        this.widen = widen;
    }

    /** Computes {@code rows × columns} of out from {@code (row, column)} on. */
    void multiply(MatrixProduct product, long row, long rows, long column, long columns) {
        Tensor left = product.transposeLeft()
                ? product.left().columns(row, row + rows)
                : product.left().rows(row, row + rows);
        Tensor right = product.transposeRight()
                ? product.right().rows(column, column + columns)
                : product.right().columns(column, column + columns);
        Tensor out = product.out().rows(row, row + rows).columns(column, column + columns);
        Optional<Tensor> bias = product.bias().map(whole -> whole.columns(column, column + columns));
        MatrixProduct part = new MatrixProduct(
                left,
                product.transposeLeft(),
                right,
                product.transposeRight(),
                out,
                product.accumulate(),
                bias,
                product.activation());
        if (widen && WidenedProduct.concerns(part)) {
            widened.run(part, this::multiply);
        } else {
            multiply(part);
        }
    }

    private void multiply(MatrixProduct part) {
        boolean packRight = pack
                && !part.transposeRight()
                && part.right().rowStride() > LONGEST_RIGHT
                && part.m() >= FEWEST_USES
                && part.right().rows() > 1;
        boolean packLeft = pack
                && part.transposeLeft()
                && part.left().rowStride() >= SHORTEST_LEFT
                && part.n() >= FEWEST_USES
                && part.left().rows() > 1;
        if (packRight || packLeft) {
            multiplyPacked(part, packLeft, packRight);
        } else {
            execute(part, part.accumulate());
        }
    }

    private void multiplyPacked(MatrixProduct part, boolean packLeft, boolean packRight) {
        long k = part.k();
        long block = Math.min(k, PANEL_ROWS);
        long rightPanels = packRight ? (part.n() + PANEL - 1) / PANEL : 0;
        long panelElements = block * PANEL;
        Tensor panels = packed.floats(lane, rightPanels + (packLeft ? 1 : 0), panelElements); // (panels, k · PANEL)
        for (long from = 0; from < k; from += block) {
            long to = Math.min(k, from + block);
            Tensor left = part.transposeLeft()
                    ? part.left().rows(from, to)
                    : part.left().columns(from, to);
            Tensor right = part.transposeRight()
                    ? part.right().columns(from, to)
                    : part.right().rows(from, to);
            boolean last = to == k;
            MatrixProduct step = new MatrixProduct(
                    left,
                    part.transposeLeft(),
                    right,
                    part.transposeRight(),
                    part.out(),
                    false,
                    last ? part.bias() : Optional.empty(),
                    last ? part.activation() : Activation.NONE);
            boolean add = part.accumulate() || from > 0;
            for (long i = 0; i < rightPanels; i++) {
                copy(panelOf(right, i), panel(panels, i, panelOf(right, i)));
            }
            if (packLeft) {
                multiplyLeftPanels(step, add, panels, rightPanels);
            } else {
                multiplyRightPanels(step, add, panels, rightPanels);
            }
        }
    }

    private void multiplyLeftPanels(MatrixProduct step, boolean add, Tensor panels, long rightPanels) {
        for (long row = 0; row < step.m(); row += PANEL) {
            Tensor source = step.left().columns(row, Math.min(step.m(), row + PANEL));
            Tensor target = panel(panels, rightPanels, source);
            copy(source, target);
            Tensor out = step.out().rows(row, row + source.columns());
            MatrixProduct rows = new MatrixProduct(
                    target, true, step.right(), step.transposeRight(), out, false, step.bias(), step.activation());
            if (rightPanels == 0) {
                execute(rows, add);
            } else {
                multiplyRightPanels(rows, add, panels, rightPanels);
            }
        }
    }

    private void multiplyRightPanels(MatrixProduct step, boolean add, Tensor panels, long rightPanels) {
        for (long i = 0; i < rightPanels; i++) {
            long column = i * PANEL;
            long end = Math.min(step.n(), column + PANEL);
            MatrixProduct columns = new MatrixProduct(
                    step.left(),
                    step.transposeLeft(),
                    panel(panels, i, panelOf(step.right(), i)),
                    false,
                    step.out().columns(column, end),
                    false,
                    step.bias().map(bias -> bias.columns(column, end)),
                    step.activation());
            execute(columns, add);
        }
    }

    private static Tensor panelOf(Tensor matrix, long number) {
        long column = number * PANEL;
        return matrix.columns(column, Math.min(matrix.columns(), column + PANEL));
    }

    /** Where a panel like {@code source} lies among the packed ones. */
    private static Tensor panel(Tensor panels, long number, Tensor source) {
        long offset = number * panels.columns() * source.type().bytes();
        // Narrow panels keep their own width unless it is one of the slow ones.
        long width = (source.columns() + 15) / 16 * 16;
        long stride = width % 128 == 0 ? width + 16 : width;
        return new Tensor(
                panels.memory(), panels.offset() + offset, source.type(), source.rows(), source.columns(), stride);
    }

    private static void copy(Tensor from, Tensor to) {
        Rows source = Rows.of(from, "panel");
        Rows target = Rows.of(to, "panel");
        int bytes = Math.toIntExact(from.columns() * from.type().bytes());
        for (long row = 0; row < from.rows(); row++) {
            ByteBuffer in = source.buffer(row);
            target.buffer(row).put(target.at(row), in, source.at(row), bytes);
        }
    }

    private void execute(MatrixProduct product, boolean accumulate) {
        MatmulPrimitive primitive = primitives.primitive(MatmulForm.of(product, accumulate));
        long pad = primitive.scratchpadBytes() == 0
                ? 0
                : scratch.take(lane, primitive.scratchpadBytes()).address();
        primitive.execute(
                primitives.stream(),
                primitives.address(),
                product.left().address(),
                product.right().address(),
                product.out().address(),
                product.bias().map(Tensor::address).orElse(0L),
                pad);
    }

    @Override
    public void close() {
        primitives.close();
    }
}
