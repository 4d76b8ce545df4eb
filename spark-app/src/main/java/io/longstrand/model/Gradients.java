package io.longstrand.model;

import io.longstrand.tensor.Tensor;

/**
 * The gradients of a model, unit by unit: sums over tokens, never divided. The backward pass adds to them, so several
 * micro-batches accumulate.
 */
public interface Gradients {
    /** A parameter's gradient on the device, FLOAT32, to be added to. */
    Tensor of(Parameter parameter);

    /** Says that this backward pass adds nothing more to a unit: it may be reduced and freed from now on. */
    void ready(int unit);
}
