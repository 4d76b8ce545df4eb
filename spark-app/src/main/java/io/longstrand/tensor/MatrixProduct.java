package io.longstrand.tensor;

import java.util.Objects;
import java.util.Optional;

/**
 * {@code out = activation(op(left) · op(right) + bias)}, or {@code out += op(left) · op(right)}.
 *
 * @param left {@code (m, k)}, or {@code (k, m)} when transposed
 * @param transposeLeft whether left is used transposed
 * @param right {@code (k, n)}, or {@code (n, k)} when transposed
 * @param transposeRight whether right is used transposed
 * @param packedRight whether right is a panel that {@link OperandPacking#packRight} wrote: (k, n) in an arrangement of the
 *     backend's own, and not transposed
 * @param out {@code (m, n)}
 * @param accumulate whether the product is added to what out holds; excludes bias and activation
 * @param bias {@code (1, n)}, added to every row
 * @param activation applied last
 */
public record MatrixProduct(
        Tensor left,
        boolean transposeLeft,
        Tensor right,
        boolean transposeRight,
        boolean packedRight,
        Tensor out,
        boolean accumulate,
        Optional<Tensor> bias,
        Activation activation) {
    private static final long PANEL = 64;

    public MatrixProduct {
        Objects.requireNonNull(activation, "activation");
        long m = transposeLeft ? left.columns() : left.rows();
        long k = transposeLeft ? left.rows() : left.columns();
        long kRight = transposeRight ? right.columns() : right.rows();
        long n = transposeRight ? right.rows() : right.columns();
        if (k != kRight || m != out.rows() || n != out.columns()) {
            throw new IllegalArgumentException("(" + m + ", " + k + ") · (" + kRight + ", " + n + ") is not ("
                    + out.rows() + ", " + out.columns() + ")");
        }
        if (packedRight && transposeRight) {
            throw new IllegalArgumentException("a packed panel is not used transposed");
        }
        if (bias.isPresent() && bias.get().elements() != n) {
            throw new IllegalArgumentException("bias of " + bias.get().elements() + " elements for " + n + " columns");
        }
        if (accumulate && (bias.isPresent() || activation != Activation.NONE)) {
            throw new IllegalArgumentException("a product that accumulates has no bias and no activation");
        }
    }

    /** {@code out = left · right}. */
    public static MatrixProduct of(Tensor left, Tensor right, Tensor out) {
        return new MatrixProduct(left, false, right, false, false, out, false, Optional.empty(), Activation.NONE);
    }

    /** {@code out = left · rightᵀ}. */
    public static MatrixProduct withRightTransposed(Tensor left, Tensor right, Tensor out) {
        return new MatrixProduct(left, false, right, true, false, out, false, Optional.empty(), Activation.NONE);
    }

    /** {@code out = left · right}. @param right (k, n), written by {@link OperandPacking#packRight} */
    public static MatrixProduct withRightPacked(Tensor left, Tensor right, Tensor out) {
        return new MatrixProduct(left, false, right, false, true, out, false, Optional.empty(), Activation.NONE);
    }

    /** {@code out = leftᵀ · right}. */
    public static MatrixProduct withLeftTransposed(Tensor left, Tensor right, Tensor out) {
        return new MatrixProduct(left, true, right, false, false, out, false, Optional.empty(), Activation.NONE);
    }

    /** The same product added to what out holds. */
    public MatrixProduct accumulating() {
        return new MatrixProduct(left, transposeLeft, right, transposeRight, packedRight, out, true, bias, activation);
    }

    /** The same product with a bias row added. */
    public MatrixProduct plus(Tensor biasRow) {
        return new MatrixProduct(
                left,
                transposeLeft,
                right,
                transposeRight,
                packedRight,
                out,
                accumulate,
                Optional.of(biasRow),
                activation);
    }

    /** The same product with an activation applied last. */
    public MatrixProduct then(Activation last) {
        return new MatrixProduct(left, transposeLeft, right, transposeRight, packedRight, out, accumulate, bias, last);
    }

    /** Elements of room for a packed right operand: both its dimensions are rounded up to what arrangements fill. */
    public static long packedElements(long k, long n) {
        return roundUp(k) * roundUp(n);
    }

    private static long roundUp(long size) {
        return (size + PANEL - 1) / PANEL * PANEL;
    }

    /** {@code m}, rows of out. */
    public long m() {
        return out.rows();
    }

    /** {@code n}, columns of out. */
    public long n() {
        return out.columns();
    }

    /** {@code k}, the summed dimension. */
    public long k() {
        return transposeLeft ? left.rows() : left.columns();
    }
}
