package io.longstrand.genome.sample;

/**
 * How training windows are drawn.
 *
 * @param sequenceLength tokens a window
 * @param seed of the order, the phases and the strands
 * @param reverseComplement whether half of the windows, chosen by hash, read the reverse strand
 * @param softMaskWeight what a soft-masked base counts in the loss, 0 to 1; 1 treats it like any other
 */
public record SamplingSettings(int sequenceLength, long seed, boolean reverseComplement, float softMaskWeight) {}
