package io.longstrand.backend.cpu;

import io.longstrand.tensor.Activation;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * Everything about a product but its addresses: what a oneDNN primitive is made for. Strides are in elements.
 *
 * @param packedRight whether right is a packed panel, whose strides are the panel's own
 */
record MatmulForm(
        DataType leftType,
        DataType rightType,
        DataType outType,
        Optional<DataType> biasType,
        boolean transposeLeft,
        boolean transposeRight,
        boolean packedRight,
        boolean accumulate,
        Activation activation,
        long m,
        long n,
        long k,
        long leftStride,
        long rightStride,
        long outStride) {

    /** @param accumulate whether it is added to out, which here goes with bias and activation */
    static MatmulForm of(MatrixProduct product, boolean accumulate) {
        return new MatmulForm(
                product.left().type(),
                product.right().type(),
                product.out().type(),
                product.bias().map(Tensor::type),
                product.transposeLeft(),
                product.transposeRight(),
                product.packedRight(),
                accumulate,
                product.activation(),
                product.m(),
                product.n(),
                product.k(),
                product.left().rowStride(),
                product.right().rowStride(),
                product.out().rowStride());
    }
}
