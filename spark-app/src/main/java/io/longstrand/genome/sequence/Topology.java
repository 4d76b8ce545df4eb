package io.longstrand.genome.sequence;

/** Whether the end of a record joins its beginning. FASTA does not say, so its records count as linear. */
public enum Topology {
    LINEAR,
    CIRCULAR
}
