package io.longstrand.inference;

import io.longstrand.genome.sample.TrainingRegions;
import io.longstrand.genome.token.BaseReader;
import io.longstrand.genome.token.Nucleotide;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.Region;

/**
 * How generated sequence compares with the training data.
 *
 * @param sequence the letters
 * @param gcShare share of G and C
 * @param trainingGcShare that of the training data
 * @param longestMatch bases of the longest stretch that occurs exactly in the training data, on either strand
 * @param kmerDivergence Jensen–Shannon divergence of the 4-mers of both strands from the training data's, in bits
 */
public record GenerationReport(
        String sequence, double gcShare, double trainingGcShare, int longestMatch, double kmerDivergence) {
    private static final int K = 4;
    /** Bases of the training data in memory at a time. */
    private static final int PIECE = 1 << 20;

    /** Compares. @param bases generated codes 0..3 */
    public static GenerationReport of(byte[] bases, PreparedData data) {
        SuffixAutomaton.Search forward = new SuffixAutomaton(bases).search();
        SuffixAutomaton.Search reverse = new SuffixAutomaton(reverseComplement(bases)).search();
        KmerProfile training = new KmerProfile(K);
        BaseCount trainingCount = new BaseCount();
        BaseReader reader = new BaseReader(data);
        for (Region region : TrainingRegions.of(data.manifest())) {
            forward.interrupt();
            reverse.interrupt();
            for (long from = region.start(); from < region.end(); from += PIECE) {
                byte[] piece = reader.read(region.record(), from, Math.min(region.end(), from + PIECE));
                forward.read(piece);
                reverse.read(piece);
                training.add(piece);
                trainingCount.add(piece);
            }
        }
        KmerProfile generated = new KmerProfile(K);
        generated.add(bases);
        BaseCount generatedCount = new BaseCount();
        generatedCount.add(bases);
        return new GenerationReport(
                letters(bases),
                generatedCount.gcShare(),
                trainingCount.gcShare(),
                Math.max(forward.longest(), reverse.longest()),
                generated.divergence(training));
    }

    private static byte[] reverseComplement(byte[] bases) {
        byte[] other = new byte[bases.length];
        for (int i = 0; i < bases.length; i++) {
            other[i] = Nucleotide.complement(bases[bases.length - 1 - i]);
        }
        return other;
    }

    private static String letters(byte[] bases) {
        StringBuilder letters = new StringBuilder(bases.length);
        for (byte base : bases) {
            letters.append((char) Nucleotide.letter(base));
        }
        return letters.toString();
    }

    /** Counts known bases, and G and C among them. */
    private static final class BaseCount {
        private long known;
        private long gc;

        void add(byte[] bases) {
            for (byte base : bases) {
                if (base != Nucleotide.UNKNOWN) {
                    known++;
                    gc += base == 1 || base == 2 ? 1 : 0;
                }
            }
        }

        double gcShare() {
            return known == 0 ? 0 : (double) gc / known;
        }
    }
}
