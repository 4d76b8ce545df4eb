/**
 * The portable reference backend: every kernel as ND4J operations on views of our memory. Clear rather than fast; other
 * backends are compared with it, and the DL4J seam stands on it. May import {@code tensor}, {@code config} and ND4J;
 * nobody imports it, {@link java.util.ServiceLoader} finds it. Work is split over the lanes by blocks whose size depends
 * on the shape alone, and ND4J's own OpenMP is held to one thread, so the number of lanes changes no bit.
 */
package io.longstrand.backend.nd4j;
