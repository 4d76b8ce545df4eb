package io.longstrand.model;

import io.longstrand.tensor.Tensor;

/**
 * The parameters of a model, unit by unit. An implementation may keep all of them, gather a unit from other ranks when
 * it is used, or bring it from host memory.
 */
public interface Weights {
    /** Announces that a unit's parameters are needed; they are there when this returns. Uses may nest. */
    void use(int unit);

    /** Ends one {@link #use}. */
    void release(int unit);

    /** A parameter on the device, in the type of the matrix products; valid while its unit is in use. */
    Tensor of(Parameter parameter);
}
