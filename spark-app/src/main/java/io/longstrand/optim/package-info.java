/**
 * The optimiser: AdamW over flat slices of the parameters, learning-rate schedules and gradient clipping. May import
 * {@code config}, {@code tensor} and below, and knows nothing of models: {@code zero} says which elements of a slice
 * decay. Gradients come from {@code zero}; updated parameters stay there.
 */
package io.longstrand.optim;
