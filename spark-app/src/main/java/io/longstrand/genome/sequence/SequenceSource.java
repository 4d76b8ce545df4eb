package io.longstrand.genome.sequence;

import java.io.Serializable;

/**
 * A sequence file that exists and looks like one.
 *
 * @param path as the user gave it
 * @param bytes its length on disk
 */
public record SequenceSource(String path, SequenceFormat format, Compression compression, long bytes)
        implements Serializable {}
