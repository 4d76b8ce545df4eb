/**
 * What every backend that can run here must do besides the kernels, which {@link io.longstrand.conformance} tests: places,
 * lanes and copies beside the computation.
 */
package io.longstrand.backend;
