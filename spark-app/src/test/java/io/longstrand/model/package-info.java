/**
 * Tests of the GPT. {@link io.longstrand.model.ReferenceGpt} is the float64 model they compare with: plain loops over
 * arrays, written from the architecture, sharing no code with the kernels.
 */
package io.longstrand.model;
