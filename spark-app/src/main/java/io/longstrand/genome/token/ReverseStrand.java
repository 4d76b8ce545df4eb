package io.longstrand.genome.token;

/** How windows of the reverse strand are made from a tokeniser's shards. */
public enum ReverseStrand {
    /** The reverse complement of a token is a token: read the forward strand backwards. */
    BY_TOKEN,
    /** Merges depend on direction: prepare writes the reverse strand as its own sequences. */
    STORED,
    /** Only one strand means anything (codons of coding sequences): windows stay on it. */
    NONE
}
