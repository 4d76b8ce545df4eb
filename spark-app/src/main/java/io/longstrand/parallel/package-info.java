/**
 * How a model is laid over the mesh of ranks; implements {@code model}'s {@link io.longstrand.model.Layout} and {@code
 * attention}'s {@link io.longstrand.attention.Attention}. May import {@code config}, {@code mesh}, {@code tensor}, {@code
 * comm}, {@code attention}, {@code model} and below. One rank alone uses {@link io.longstrand.parallel.SingleDevice},
 * ranks that share matrices {@link io.longstrand.parallel.TensorLayout}. Ranks that share sequences attend round a ring
 * ({@link io.longstrand.parallel.RingAttention}), by heads ({@link io.longstrand.parallel.UlyssesAttention}), or both, as
 * {@link io.longstrand.parallel.Placement} says.
 */
package io.longstrand.parallel;
