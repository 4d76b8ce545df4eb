package io.longstrand.genome.sequence;

/** How a file writes its records. */
public enum SequenceFormat {
    FASTA,
    /** GenBank flat file: annotation before the sequence, numbered sequence lines. */
    GENBANK
}
