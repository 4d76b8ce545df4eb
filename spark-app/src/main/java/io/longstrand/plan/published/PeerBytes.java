package io.longstrand.plan.published;

/**
 * Device bytes of one rank by the formulas.
 *
 * @param replicated parameters and gradients
 * @param optimizer masters and moments
 * @param kept activations kept for the backward pass, and masks
 * @param working most bytes in use beside them while a layer, or the loss, is computed back
 */
public record PeerBytes(double replicated, double optimizer, double kept, double working) {
    /** All of it, with what a system takes beyond the formulas. */
    public double total(PeerConstants constants) {
        return replicated + optimizer + kept + constants.workingFactor() * working + constants.reservedBytes();
    }

    /** The same with the optimizer state elsewhere. */
    PeerBytes withoutOptimizer() {
        return new PeerBytes(replicated, 0, kept, working);
    }
}
