package io.longstrand.genome.sequence;

import java.io.Serializable;
import java.util.List;

/**
 * What a file says of a record before its bases.
 *
 * @param name first word of the FASTA header, or GenBank VERSION (else ACCESSION, else LOCUS)
 * @param line where the record begins, counted from 1 at the start of what is being scanned
 * @param topology linear or circular
 * @param codingSequences its CDS features; empty for FASTA
 */
public record RecordHeader(String name, long line, Topology topology, List<CodingSequence> codingSequences)
        implements Serializable {

    public RecordHeader {
        codingSequences = List.copyOf(codingSequences);
    }
}
