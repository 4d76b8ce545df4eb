package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * A product with operands that lie nowhere, as small as one can be whose blocks have all the sizes of the given one:
 * blocks of out and of the sums divide {@link #PERIOD}, so taking whole periods from a long dimension leaves only
 * fewer equal blocks.
 */
final class ForetoldProduct {
    private static final long PERIOD = 4096;

    private final boolean widened;

    /** @param widened whether BFLOAT16 operands are foretold as the FLOAT32 copies that are multiplied instead */
    ForetoldProduct(boolean widened) {
        this.widened = widened;
    }

    MatrixProduct of(MatrixProduct product) {
        long m = shortened(product.m());
        long n = shortened(product.n());
        long k = shortened(product.k());
        return new MatrixProduct(
                product.transposeLeft() ? like(product.left(), k, m) : like(product.left(), m, k),
                product.transposeLeft(),
                product.transposeRight() ? like(product.right(), n, k) : like(product.right(), k, n),
                product.transposeRight(),
                product.packedRight(),
                like(product.out(), m, n),
                product.accumulate(),
                product.bias().map(bias -> like(bias, 1, n)).or(Optional::empty),
                product.activation());
    }

    private static long shortened(long size) {
        return size < 2 * PERIOD ? size : PERIOD + size % PERIOD;
    }

    private Tensor like(Tensor tensor, long rows, long columns) {
        boolean narrow = tensor.type() == DataType.BFLOAT16;
        DataType type = widened && narrow ? DataType.FLOAT32 : tensor.type();
        long stride = widened && narrow ? tensor.columns() : tensor.rowStride();
        return new Tensor(new Nowhere(rows * stride * type.bytes()), 0, type, rows, columns, stride);
    }
}
