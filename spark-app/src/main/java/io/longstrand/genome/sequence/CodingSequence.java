package io.longstrand.genome.sequence;

import java.io.Serializable;
import java.util.List;

/**
 * A protein-coding feature (CDS) of a record, as GenBank states it.
 *
 * @param exons the pieces in reading order: the first holds the first codon, whatever the strand
 * @param partialStart the first codon lies beyond the record or is unknown (a {@code <} or {@code >} marker)
 * @param partialEnd the last codon lies beyond the record or is unknown
 * @param codonStart 1, 2 or 3: which base of the first exon begins the first whole codon
 * @param translationTable NCBI genetic code number, 1 when the file says nothing
 */
public record CodingSequence(
        List<Exon> exons, boolean partialStart, boolean partialEnd, int codonStart, int translationTable)
        implements Serializable {

    public CodingSequence {
        exons = List.copyOf(exons);
        if (exons.isEmpty() || codonStart < 1 || codonStart > 3) {
            throw new IllegalArgumentException("coding sequence with exons " + exons + ", codon_start " + codonStart);
        }
    }

    /**
     * One piece of a coding sequence.
     *
     * @param interval where it lies in the record, on the forward strand's coordinates
     * @param strand the strand it is read from; trans-spliced genes mix both
     */
    public record Exon(Interval interval, Strand strand) implements Serializable {}

    /** Bases of all exons together, the incomplete codons at either end included. */
    public long bases() {
        return exons.stream().mapToLong(exon -> exon.interval().length()).sum();
    }
}
