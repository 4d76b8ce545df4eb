package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.util.function.Consumer;

/**
 * A product of bfloat16 matrices where oneDNN has none, below AVX-512: operands are widened to FLOAT32 in scratch,
 * multiplied there, and the result is rounded once.
 */
final class WidenedProduct {
    private final int lane;
    private final Scratch widened;

    /** @param widened holds the FLOAT32 copies of one product */
    WidenedProduct(int lane, Scratch widened) {
        this.lane = lane;
        this.widened = widened;
    }

    /** Whether any of its matrices is BFLOAT16. */
    static boolean concerns(MatrixProduct product) {
        return product.left().type() == DataType.BFLOAT16
                || product.right().type() == DataType.BFLOAT16
                || product.out().type() == DataType.BFLOAT16;
    }

    /** Elements of all copies a product may need. */
    static long elements(MatrixProduct product) {
        return product.left().elements()
                + product.right().elements()
                + product.out().elements()
                + product.n();
    }

    /** @param multiply computes a product of FLOAT32 matrices */
    void run(MatrixProduct product, Consumer<MatrixProduct> multiply) {
        long left = product.left().elements();
        long right = product.right().elements();
        long out = product.out().elements();
        Tensor all = widened.floats(lane, 1, elements(product));
        MatrixProduct wide = new MatrixProduct(
                widened(product.left(), all.columns(0, left), true),
                product.transposeLeft(),
                widened(product.right(), all.columns(left, left + right), true),
                product.transposeRight(),
                false,
                widened(product.out(), all.columns(left + right, left + right + out), product.accumulate()),
                product.accumulate(),
                product.bias().map(bias -> widened(bias, all.columns(left + right + out, all.columns()), true)),
                product.activation());
        multiply.accept(wide);
        if (wide.out().type() != product.out().type()) {
            copy(wide.out(), product.out());
        }
    }

    /** The tensor itself when it is FLOAT32; else room of the same shape, holding the same numbers where asked. */
    private static Tensor widened(Tensor tensor, Tensor room, boolean filled) {
        if (tensor.type() == DataType.FLOAT32) {
            return tensor;
        }
        Tensor wide = room.reshape(tensor.rows(), tensor.columns());
        if (filled) {
            copy(tensor, wide);
        }
        return wide;
    }

    private static void copy(Tensor from, Tensor to) {
        Rows source = Rows.of(from, "product");
        Rows target = Rows.of(to, "product");
        Conversion conversion = Conversion.between(from.type(), to.type());
        for (long row = 0; row < from.rows(); row++) {
            conversion.convert(source.address(row), target.address(row), Math.toIntExact(from.columns()));
        }
    }
}
