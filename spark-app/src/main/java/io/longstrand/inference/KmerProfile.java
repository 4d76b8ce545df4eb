package io.longstrand.inference;

import io.longstrand.genome.token.Nucleotide;

/** How often each k-mer occurs, on both strands. */
final class KmerProfile {
    private final int k;
    private final long[] counts;
    private long total;

    /** @param k from 1 to 12 */
    KmerProfile(int k) {
        this.k = k;
        this.counts = new long[1 << 2 * k];
    }

    /** Counts the k-mers of a stretch of base codes and those of its other strand. */
    void add(byte[] bases) {
        int mask = counts.length - 1;
        int forward = 0;
        int reverse = 0;
        int known = 0;
        for (byte base : bases) {
            if (base == Nucleotide.UNKNOWN) {
                known = 0;
                continue;
            }
            forward = (forward << 2 | base) & mask;
            reverse = reverse >>> 2 | (3 - base) << 2 * (k - 1);
            known++;
            if (known >= k) {
                counts[forward]++;
                counts[reverse]++;
                total += 2;
            }
        }
    }

    /** Jensen–Shannon divergence in bits (Lin 1991): 0 for equal profiles, 1 for disjoint ones. */
    double divergence(KmerProfile other) {
        double sum = 0;
        for (int kmer = 0; kmer < counts.length; kmer++) {
            double p = share(kmer);
            double q = other.share(kmer);
            double middle = (p + q) / 2;
            sum += term(p, middle) + term(q, middle);
        }
        return Math.max(0, sum / 2);
    }

    private double share(int kmer) {
        return total == 0 ? 0 : (double) counts[kmer] / total;
    }

    private static double term(double share, double middle) {
        return share == 0 ? 0 : share * Math.log(share / middle) / Math.log(2);
    }
}
