package io.longstrand.genome.sample;

import io.longstrand.genome.token.BaseReader;
import io.longstrand.genome.token.Nucleotide;
import io.longstrand.genome.token.Region;

/**
 * The words of a region, each as the smaller of itself and its reverse complement, so that both strands look alike. Words
 * with an unknown base are left out. Regions are read in pieces.
 */
final class CanonicalWords {
    private static final int PIECE = 1 << 20;

    private final BaseReader reader;
    private final int length;

    /** @param length bases a word, at most 31 */
    CanonicalWords(BaseReader reader, int length) {
        this.reader = reader;
        this.length = length;
    }

    /** Receives a word and the base of the record it begins at. */
    interface Visitor {
        void visit(long base, long word);
    }

    /** Visits every word that lies in the region, in order. */
    void visit(Region region, Visitor visitor) {
        long mask = (1L << 2 * length) - 1;
        for (long start = region.start(); start < region.end(); start += PIECE) {
            // The words that begin in this piece end up to length - 1 bases behind it.
            long to = Math.min(region.end(), start + PIECE + length - 1);
            byte[] codes = reader.read(region.record(), start, to);
            long word = 0;
            long reverse = 0;
            int known = 0;
            for (int i = 0; i < codes.length; i++) {
                known = codes[i] == Nucleotide.UNKNOWN ? 0 : known + 1;
                word = (word << 2 | codes[i] & 3) & mask;
                reverse = reverse >>> 2 | (3L - (codes[i] & 3)) << 2 * length - 2;
                if (known >= length) {
                    visitor.visit(start + i - length + 1, Math.min(word, reverse));
                }
            }
        }
    }
}
