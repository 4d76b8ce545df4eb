package io.longstrand.model;

import io.longstrand.attention.Attention;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Kernels;
import java.util.Optional;

/** What every layer of one model is built from. */
record ModelParts(
        ModelShape shape,
        ParameterLayout parameters,
        Kernels kernels,
        Arena device,
        Weights weights,
        Layout layout,
        Attention attention,
        ActivationForm form,
        Optional<RotaryTable> rotary) {
    /** The norm of that name. */
    Norm norm(String name) {
        return switch (shape.norm()) {
            case LAYER -> new LayerNorm(kernels, weights, parameters, name);
            case RMS -> new RmsNorm(kernels, weights, parameters, name);
        };
    }

    /** The linear layer of that name. */
    Linear linear(String name) {
        return new Linear(kernels, weights, parameters, name);
    }
}
