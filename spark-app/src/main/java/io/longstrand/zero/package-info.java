/**
 * The state of a training run: parameters, gradients and optimiser moments, held on the device or the host and accounted
 * to their owners, whole or in slices over the ranks (ZeRO, Rajbhandari et al. 2020, stages 0 to 3), and what of it and of
 * activations leaves the device. A {@link io.longstrand.zero.Partition} says who owns what, a {@link
 * io.longstrand.zero.StateVector} what of it is here. Implements {@code model}'s {@code Weights}, {@code Gradients} and
 * {@code Activations}. May import {@code comm}, {@code optim}, {@code model}, {@code parallel} and below. Initial values
 * come from stateless random keys or from {@code checkpoint}; the step loop of {@code train} drives the update.
 */
package io.longstrand.zero;
