/**
 * What every kernel must do, on any backend: {@link io.longstrand.conformance.KernelConformance} runs each operation of
 * {@link io.longstrand.tensor.Kernels} on a backend against {@link io.longstrand.conformance.ReferenceKernels}, which is
 * plain float64 loops. The tests hold every backend of the build to it, {@code doctor} the device at hand. May import
 * {@code config} and {@code tensor}; needs no other library, so that it runs wherever a backend does.
 */
package io.longstrand.conformance;
