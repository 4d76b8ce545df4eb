/**
 * How a model is laid over the mesh of ranks; implements {@code model}'s {@link io.longstrand.model.Layout}. May import
 * {@code config}, {@code mesh}, {@code tensor}, {@code comm}, {@code attention}, {@code model} and below. One rank alone
 * uses {@link io.longstrand.parallel.SingleDevice}, ranks that share matrices {@link
 * io.longstrand.parallel.TensorLayout}.
 */
package io.longstrand.parallel;
