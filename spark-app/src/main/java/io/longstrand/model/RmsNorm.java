package io.longstrand.model;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;

/** Root-mean-square norm with gain (Zhang and Sennrich 2019). */
final class RmsNorm implements Norm {
    private final Kernels kernels;
    private final Weights weights;
    private final Parameter gain;

    RmsNorm(Kernels kernels, Weights weights, ParameterLayout parameters, String name) {
        this.kernels = kernels;
        this.weights = weights;
        gain = parameters.named(name + ".gain");
    }

    @Override
    public boolean hasMean() {
        return false;
    }

    @Override
    public void forward(Tensor in, Tensor out, Statistics statistics) {
        kernels.rmsNorm(in, weights.of(gain), EPSILON, out, statistics.scale());
    }

    @Override
    public void backward(Tensor outGradient, Tensor in, Statistics statistics, Gradients gradients, Tensor inGradient) {
        kernels.rmsNormBackward(outGradient, in, weights.of(gain), statistics.scale(), inGradient, gradients.of(gain));
    }
}
