/**
 * Attention without the scores ever existing at full length: which keys a query sees ({@link
 * io.longstrand.attention.MaskRule}, or a {@link io.longstrand.attention.CustomMask} of the user's own), where the masks
 * of partial tiles come from ({@link io.longstrand.attention.KeyRanges} on the device, {@link
 * io.longstrand.attention.HostMasking} in host memory; both {@link io.longstrand.attention.AttentionMask}s), and flash
 * attention over the kernels ({@link io.longstrand.attention.FlashAttention}). May import {@code config}, {@code
 * storage}, {@code tensor} and below. Queries, keys and values come from {@code model}, outputs and gradients go back to
 * it; {@code parallel} picks the form of {@link io.longstrand.attention.Attention} that a layout needs.
 */
package io.longstrand.attention;
