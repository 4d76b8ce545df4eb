package io.longstrand.backend.cpu;

import io.longstrand.tensor.Activation;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/** Everything about a product but its addresses: what a oneDNN primitive is made for. Strides are in elements. */
record MatmulForm(
        DataType leftType,
        DataType rightType,
        DataType outType,
        Optional<DataType> biasType,
        boolean transposeLeft,
        boolean transposeRight,
        boolean accumulate,
        Activation activation,
        long m,
        long n,
        long k,
        long leftStride,
        long rightStride,
        long outStride) {

    static MatmulForm of(MatrixProduct product) {
        return new MatmulForm(
                product.left().type(),
                product.right().type(),
                product.out().type(),
                product.bias().map(Tensor::type),
                product.transposeLeft(),
                product.transposeRight(),
                product.accumulate(),
                product.activation(),
                product.m(),
                product.n(),
                product.k(),
                product.left().rowStride(),
                product.right().rowStride(),
                product.out().rowStride());
    }

    /** The same product of fewer rows and columns of out. */
    MatmulForm part(long rows, long columns) {
        return new MatmulForm(
                leftType,
                rightType,
                outType,
                biasType,
                transposeLeft,
                transposeRight,
                accumulate,
                activation,
                rows,
                columns,
                k,
                leftStride,
                rightStride,
                outStride);
    }
}
