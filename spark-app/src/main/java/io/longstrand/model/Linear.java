package io.longstrand.model;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;

/**
 * {@code out = in · weight + bias}, as far as a rank holds the weight: some columns, which give some columns of the
 * result, or some rows, which give a part of the sums.
 */
final class Linear {
    private final Kernels kernels;
    private final Weights weights;
    private final Parameter weight; // (in, out)
    private final Parameter bias; // (1, out)
    private final boolean addsBias;

    /** @param addsBias whether it is this rank that adds the bias */
    Linear(Kernels kernels, Weights weights, ParameterLayout parameters, String name, boolean addsBias) {
        this.kernels = kernels;
        this.weights = weights;
        this.addsBias = addsBias;
        weight = parameters.named(name + ".weight");
        bias = parameters.named(name + ".bias");
    }

    /** (rows, in) -> (rows, out). */
    void forward(Tensor in, Tensor out) {
        MatrixProduct product = MatrixProduct.of(in, weights.of(weight), out);
        kernels.matmul(addsBias ? product.plus(weights.of(bias)) : product);
    }

    /** Adds to the gradient of the weight. @param in (rows, in) @param outGradient (rows, out) */
    void addWeightGradient(Tensor in, Tensor outGradient, Gradients gradients) {
        kernels.matmul(MatrixProduct.withLeftTransposed(in, outGradient, gradients.of(weight))
                .accumulating());
    }

    /** Adds to the gradient of the bias. @param outGradient of each row that no other rank adds, (rows, out) */
    void addBiasGradient(Tensor outGradient, Gradients gradients) {
        kernels.addColumnSums(outGradient, gradients.of(bias));
    }

    /** (rows, out) -> (rows, in), written. */
    void inputGradient(Tensor outGradient, Tensor inGradient) {
        kernels.matmul(MatrixProduct.withRightTransposed(outGradient, weights.of(weight), inGradient));
    }

    /** As {@link #inputGradient}, added to what is there. */
    void addInputGradient(Tensor outGradient, Tensor inGradient) {
        kernels.matmul(MatrixProduct.withRightTransposed(outGradient, weights.of(weight), inGradient)
                .accumulating());
    }
}
