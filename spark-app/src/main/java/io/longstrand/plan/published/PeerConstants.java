package io.longstrand.plan.published;

/**
 * What the formulas do not say of a system.
 *
 * @param workingFactor how often the working set of a layer exists at once: copies that kernels make of it, and those
 *     not given back yet
 * @param reservedBytes device memory that tensors cannot use whatever their size: buckets of the gradient reduction,
 *     buffers of communication and what lies between blocks of the caching allocator
 */
public record PeerConstants(double workingFactor, double reservedBytes) {}
