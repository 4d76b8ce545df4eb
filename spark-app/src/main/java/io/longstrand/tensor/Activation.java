package io.longstrand.tensor;

/** What a matrix product applies to its result before storing it. */
public enum Activation {
    /** Nothing. */
    NONE,
    /** Gaussian error linear unit, tanh form (Hendrycks and Gimpel 2016, equation 2); see {@link Kernels#gelu}. */
    GELU
}
