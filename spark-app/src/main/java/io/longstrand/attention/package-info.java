/**
 * Attention without the scores ever existing at full length: which keys a query sees ({@link
 * io.longstrand.attention.MaskRule}, {@link io.longstrand.attention.KeyRanges}) and flash attention over the kernels
 * ({@link io.longstrand.attention.FlashAttention}). May import {@code config}, {@code tensor} and below. Queries, keys
 * and values come from {@code model}, outputs and gradients go back to it; {@code parallel} picks the form of {@link
 * io.longstrand.attention.Attention} that a layout needs.
 */
package io.longstrand.attention;
