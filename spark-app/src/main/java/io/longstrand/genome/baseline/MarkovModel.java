package io.longstrand.genome.baseline;

import io.longstrand.genome.token.Nucleotide;

/**
 * The probability of a base given the {@code order} bases before it, from counts over both strands with one added to each
 * (α = 1). Bases are codes 0..3; any other code breaks a context.
 */
final class MarkovModel {
    private final int order;
    private final int wordMask;
    private final ContextSet contexts;
    private int[] counts = {}; // (contexts, 4); one word would have to occur 2^31 times to overflow

    MarkovModel(int order) {
        this.order = order;
        this.wordMask = (1 << 2 * order + 2) - 1;
        this.contexts = new ContextSet(order);
    }

    /** Notes the contexts of {@code codes[from..]}, those that will be asked for; earlier codes are context only. */
    void need(byte[] codes, int from) {
        int word = 0;
        int known = 0;
        for (int i = 0; i < codes.length; i++) {
            if (i >= from && known >= order) {
                contexts.add(word & wordMask >>> 2);
            }
            known = codes[i] == Nucleotide.UNKNOWN ? 0 : known + 1;
            word = (word << 2 | codes[i] & 3) & wordMask;
        }
    }

    /** Ends the noting of contexts; counting begins. */
    void allocate() {
        contexts.number();
        counts = new int[4 * contexts.size()];
    }

    /** Counts, on both strands, the words that end in {@code codes[from..]}; earlier codes are context only. */
    void count(byte[] codes, int from) {
        int word = 0;
        int reverse = 0; // the reverse complement of word
        int known = 0;
        for (int i = 0; i < codes.length; i++) {
            byte code = codes[i];
            known = code == Nucleotide.UNKNOWN ? 0 : known + 1;
            word = (word << 2 | code & 3) & wordMask;
            reverse = reverse >>> 2 | (3 - (code & 3)) << 2 * order;
            if (known > order && i >= from) {
                add(word);
                add(reverse);
            }
        }
    }

    private void add(int word) {
        int context = contexts.indexOf(word >>> 2);
        if (context >= 0) {
            counts[4 * context + (word & 3)]++;
        }
    }

    /**
     * @param word the last 12 or more bases and the one to predict, two bits each, the latter lowest
     * @param known bases before it since the last unknown one or the record's start
     * @return the probability; 1/4 where the context is not whole
     */
    double probability(int word, int known) {
        if (known < order) {
            return 0.25;
        }
        int context = contexts.indexOf((word & wordMask) >>> 2);
        if (context < 0) {
            return 0.25;
        }
        int at = 4 * context;
        double all = (double) counts[at] + counts[at + 1] + counts[at + 2] + counts[at + 3];
        return (counts[at + (word & 3)] + 1.0) / (all + 4);
    }

    int order() {
        return order;
    }
}
