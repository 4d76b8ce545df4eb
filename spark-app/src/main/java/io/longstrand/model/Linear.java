package io.longstrand.model;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;

/** {@code out = in · weight + bias}. */
final class Linear {
    private final Kernels kernels;
    private final Weights weights;
    private final Parameter weight; // (in, out)
    private final Parameter bias; // (1, out)

    Linear(Kernels kernels, Weights weights, ParameterLayout parameters, String name) {
        this.kernels = kernels;
        this.weights = weights;
        weight = parameters.named(name + ".weight");
        bias = parameters.named(name + ".bias");
    }

    /** (tokens, in) -> (tokens, out). */
    void forward(Tensor in, Tensor out) {
        kernels.matmul(MatrixProduct.of(in, weights.of(weight), out).plus(weights.of(bias)));
    }

    /** Adds to the gradients of weight and bias. @param in (tokens, in) @param outGradient (tokens, out) */
    void addGradients(Tensor in, Tensor outGradient, Gradients gradients) {
        kernels.matmul(MatrixProduct.withLeftTransposed(in, outGradient, gradients.of(weight))
                .accumulating());
        kernels.addColumnSums(outGradient, gradients.of(bias));
    }

    /** (tokens, out) -> (tokens, in), written. */
    void inputGradient(Tensor outGradient, Tensor inGradient) {
        kernels.matmul(MatrixProduct.withRightTransposed(outGradient, weights.of(weight), inGradient));
    }

    /** As {@link #inputGradient}, added to what is there. */
    void addInputGradient(Tensor outGradient, Tensor inGradient) {
        kernels.matmul(MatrixProduct.withRightTransposed(outGradient, weights.of(weight), inGradient)
                .accumulating());
    }
}
