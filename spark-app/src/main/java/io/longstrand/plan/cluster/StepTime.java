package io.longstrand.plan.cluster;

/**
 * How long the parts of a step take on one rank, as if none overlapped another: a step is faster by what overlaps.
 *
 * @param products seconds of the matrix products of linear layers
 * @param attention seconds of attention
 * @param inNode seconds of communication inside nodes
 * @param betweenNodes seconds of communication between nodes
 * @param hostLink seconds of copies between host and device
 */
public record StepTime(double products, double attention, double inNode, double betweenNodes, double hostLink) {
    /** Seconds of all parts, one after the other. */
    public double seconds() {
        return products + attention + inNode + betweenNodes + hostLink;
    }
}
