package io.longstrand.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.genome.token.Nucleotide;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SuffixAutomatonTest {
    private static byte[] bases(String letters) {
        byte[] bases = new byte[letters.length()];
        for (int i = 0; i < bases.length; i++) {
            bases[i] = Nucleotide.code((byte) letters.charAt(i));
        }
        return bases;
    }

    private static int longest(String shorter, String longer) {
        SuffixAutomaton.Search search = new SuffixAutomaton(bases(shorter)).search();
        search.read(bases(longer));
        return search.longest();
    }

    @Test
    void the_longest_common_stretch_is_found() {
        assertThat(longest("ACGTACGG", "TTTACGTATT")).isEqualTo(5);
        assertThat(longest("ACGT", "ACGT")).isEqualTo(4);
        assertThat(longest("AAAA", "CCGG")).isZero();
        assertThat(longest("A", "CAC")).isEqualTo(1);
    }

    @Test
    void an_unknown_base_breaks_a_match() {
        assertThat(longest("ACGTAC", "ACGNTAC")).isEqualTo(3);
    }

    @Test
    void an_interrupted_search_does_not_join_what_lies_apart() {
        SuffixAutomaton.Search search = new SuffixAutomaton(bases("ACGTAC")).search();
        search.read(bases("ACG"));
        search.interrupt();
        search.read(bases("TAC"));
        assertThat(search.longest()).isEqualTo(3);
    }

    @Test
    void any_two_sequences_agree_with_the_comparison_of_all_pairs() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            byte[] shorter = random(random, 1 + random.nextInt(60));
            byte[] longer = random(random, 1 + random.nextInt(300));
            SuffixAutomaton.Search search = new SuffixAutomaton(shorter).search();
            search.read(longer);
            assertThat(search.longest()).isEqualTo(byComparison(shorter, longer));
        }
    }

    private static int byComparison(byte[] shorter, byte[] longer) {
        int best = 0;
        for (int i = 0; i < shorter.length; i++) {
            for (int j = 0; j < longer.length; j++) {
                int length = 0;
                while (i + length < shorter.length
                        && j + length < longer.length
                        && shorter[i + length] == longer[j + length]) {
                    length++;
                }
                best = Math.max(best, length);
            }
        }
        return best;
    }

    /** Few different letters, so that matches are long and states are split often. */
    private static byte[] random(Random random, int length) {
        byte[] bases = new byte[length];
        int letters = 1 + random.nextInt(4);
        for (int i = 0; i < length; i++) {
            bases[i] = (byte) random.nextInt(letters);
        }
        return bases;
    }
}
