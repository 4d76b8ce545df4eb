/**
 * The state of a training run: parameters, gradients and optimiser moments as flat slices, held on the device and
 * accounted to their owners, and what of it and of activations leaves the device. Implements {@code model}'s {@code
 * Weights}, {@code Gradients} and {@code Activations}. May import {@code
 * optim}, {@code model} and below. Initial values come from stateless random keys or from {@code checkpoint}; the step
 * loop of {@code train} drives the update.
 */
package io.longstrand.zero;
