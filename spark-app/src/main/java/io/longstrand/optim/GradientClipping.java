package io.longstrand.optim;

/**
 * Clipping by the global norm (Pascanu et al. 2013): gradients longer than the maximum are scaled down to it.
 *
 * @param maximumNorm largest norm of the mean gradient; 0 clips nothing
 */
public record GradientClipping(double maximumNorm) {
    /**
     * What to multiply the gradients with.
     *
     * @param norm the global norm of the mean gradient, finite
     */
    public double factor(double norm) {
        return maximumNorm > 0 && norm > maximumNorm ? maximumNorm / norm : 1;
    }
}
