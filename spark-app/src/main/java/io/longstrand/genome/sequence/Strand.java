package io.longstrand.genome.sequence;

/** The strand a feature lies on: as written in the file, or its reverse complement. */
public enum Strand {
    FORWARD,
    REVERSE
}
