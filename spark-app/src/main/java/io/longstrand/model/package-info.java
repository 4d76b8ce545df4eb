/**
 * The GPT: layers with explicit forward and backward, single-device code, shapes in comments. It is handed four things
 * and knows nothing else of the world: {@link io.longstrand.model.Weights} and {@link io.longstrand.model.Gradients}
 * (implemented by {@code zero}), {@code Activations} and {@code Layout} (implemented by {@code parallel}). May import
 * {@code config}, {@code tensor}, {@code attention} and below. Batches come from {@code train} and {@code inference};
 * losses and gradients go back to them.
 */
package io.longstrand.model;
