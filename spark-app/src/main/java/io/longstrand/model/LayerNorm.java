package io.longstrand.model;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;

/** Layer norm with gain and bias (Ba et al. 2016). */
final class LayerNorm implements Norm {
    private final Kernels kernels;
    private final Weights weights;
    private final Parameter gain;
    private final Parameter bias;

    LayerNorm(Kernels kernels, Weights weights, ParameterLayout parameters, String name) {
        this.kernels = kernels;
        this.weights = weights;
        gain = parameters.named(name + ".gain");
        bias = parameters.named(name + ".bias");
    }

    @Override
    public boolean hasMean() {
        return true;
    }

    @Override
    public void forward(Tensor in, Tensor out, Statistics statistics) {
        kernels.layerNorm(
                in,
                weights.of(gain),
                weights.of(bias),
                EPSILON,
                out,
                statistics.mean().orElseThrow(),
                statistics.scale());
    }

    @Override
    public void backward(Tensor outGradient, Tensor in, Statistics statistics, Gradients gradients, Tensor inGradient) {
        kernels.layerNormBackward(
                outGradient,
                in,
                weights.of(gain),
                statistics.mean().orElseThrow(),
                statistics.scale(),
                inGradient,
                gradients.of(gain),
                gradients.of(bias));
    }
}
