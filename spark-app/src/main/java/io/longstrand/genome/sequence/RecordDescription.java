package io.longstrand.genome.sequence;

import java.io.Serializable;
import java.util.List;

/**
 * What is known of one sequence record besides its bases.
 *
 * @param index its number over all inputs in the order given, from 0
 * @param name first word of the FASTA header, or GenBank VERSION (else LOCUS); unique over all inputs
 * @param file the path it was read from, as the user gave it
 * @param bases its length
 * @param topology linear or circular
 * @param codingSequences its CDS features in file order; empty for FASTA
 */
public record RecordDescription(
        int index, String name, String file, long bases, Topology topology, List<CodingSequence> codingSequences)
        implements Serializable {

    public RecordDescription {
        codingSequences = List.copyOf(codingSequences);
    }
}
