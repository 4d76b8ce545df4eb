package io.longstrand.model;

import io.longstrand.attention.Attention;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Kernels;
import java.util.Optional;

/** What every layer of one model is built from. */
record ModelParts(
        ModelShare share,
        ParameterLayout parameters,
        Kernels kernels,
        Arena device,
        Weights weights,
        Layout layout,
        Attention attention,
        ActivationForm form,
        Optional<RotaryTable> rotary) {
    /** The whole model's shape. */
    ModelShape shape() {
        return share.shape();
    }

    /** The norm of that name. */
    Norm norm(String name) {
        return switch (shape().norm()) {
            case LAYER -> new LayerNorm(kernels, weights, parameters, name);
            case RMS -> new RmsNorm(kernels, weights, parameters, name);
        };
    }

    /** The linear layer of that name, of which each rank has some columns. */
    Linear columnSplit(String name) {
        return new Linear(kernels, weights, parameters, name, true);
    }

    /** The linear layer of that name, of which each rank has some rows: their products add up, with one bias. */
    Linear rowSplit(String name) {
        return new Linear(kernels, weights, parameters, name, share.addsBiases());
    }
}
