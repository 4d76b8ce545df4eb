package io.longstrand.inference;

import io.longstrand.genome.token.Nucleotide;
import java.util.Arrays;

/**
 * All substrings of a short sequence of bases (Blumer et al. 1985), to run a long one through: the longest common
 * substring takes time linear in the long one and memory linear in the short one, whatever the genome's size.
 */
final class SuffixAutomaton {
    private static final int BASES = 4;

    private final int[] next;
    private final int[] link;
    private final int[] length;
    private int states = 1;
    private int last;

    /** @param bases codes 0..3; {@link Nucleotide#UNKNOWN} matches nothing */
    SuffixAutomaton(byte[] bases) {
        int most = Math.max(2, 2 * bases.length + 1);
        next = new int[most * BASES];
        link = new int[most];
        length = new int[most];
        Arrays.fill(next, -1);
        link[0] = -1;
        for (byte base : bases) {
            if (base == Nucleotide.UNKNOWN) {
                throw new IllegalArgumentException("an unknown base cannot be searched for");
            }
            extend(base);
        }
    }

    /** Where in the short sequence a search stands: the longest suffix of what was read that occurs in it. */
    final class Search {
        private int state;
        private int matched;
        private int longest;

        /** Reads on. */
        void read(byte[] bases) {
            for (byte base : bases) {
                read(base);
            }
        }

        /** Begins anew: what comes next does not follow what was read. */
        void interrupt() {
            state = 0;
            matched = 0;
        }

        /** Length of the longest stretch read that occurs in the short sequence. */
        int longest() {
            return longest;
        }

        private void read(byte base) {
            if (base == Nucleotide.UNKNOWN) {
                interrupt();
                return;
            }
            while (state != 0 && next[state * BASES + base] < 0) {
                state = link[state];
                matched = length[state];
            }
            if (next[state * BASES + base] >= 0) {
                state = next[state * BASES + base];
                matched++;
                longest = Math.max(longest, matched);
            }
        }
    }

    Search search() {
        return new Search();
    }

    private void extend(int base) {
        int current = states++;
        length[current] = length[last] + 1;
        int state = last;
        while (state >= 0 && next[state * BASES + base] < 0) {
            next[state * BASES + base] = current;
            state = link[state];
        }
        if (state < 0) {
            link[current] = 0;
        } else {
            int target = next[state * BASES + base];
            if (length[state] + 1 == length[target]) {
                link[current] = target;
            } else {
                link[current] = split(state, base, target);
                link[target] = link[current];
            }
        }
        last = current;
    }

    private int split(int from, int base, int target) {
        int clone = states++;
        length[clone] = length[from] + 1;
        System.arraycopy(next, target * BASES, next, clone * BASES, BASES);
        link[clone] = link[target];
        int state = from;
        while (state >= 0 && next[state * BASES + base] == target) {
            next[state * BASES + base] = clone;
            state = link[state];
        }
        return clone;
    }
}
