package io.longstrand.genome.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class KmerTokenizerTest {
    @Property(tries = 300)
    void decoding_gives_back_the_bases_and_every_token_knows_its_offset(
            @ForAll @IntRange(min = 1, max = 8) int k,
            @ForAll
                    @Chars({'A', 'C', 'G', 'T', 'a', 'c', 'g', 't'})
                    @CharRange(from = 'M', to = 'O')
                    @StringLength(max = 60)
                    String text) {
        KmerTokenizer tokenizer = KmerTokenizer.kmer(k);
        byte[] letters = text.getBytes(StandardCharsets.US_ASCII);
        int[] tokens = tokenizer.encode(letters, 0, letters.length);
        assertThat(tokens).hasSize(letters.length / k);
        byte[] word = new byte[k];
        for (int i = 0; i < tokens.length; i++) {
            assertThat(tokenizer.bases(tokens[i])).isEqualTo(k);
            tokenizer.decode(tokens[i], word, 0);
            String original = text.substring(i * k, i * k + k).toUpperCase(Locale.ROOT);
            if (original.matches("[ACGT]*")) {
                assertThat(text(word)).isEqualTo(original);
            } else {
                assertThat(tokens[i]).isEqualTo(tokenizer.specials().unknown());
                assertThat(text(word)).isEqualTo("N".repeat(k));
            }
        }
    }

    @Property(tries = 200)
    void the_reverse_complement_of_the_tokens_is_the_tokens_of_the_reverse_complement(
            @ForAll @IntRange(min = 1, max = 8) int k,
            @ForAll @Chars({'A', 'C', 'G', 'T', 'N'}) @StringLength(max = 60) String text) {
        KmerTokenizer tokenizer = KmerTokenizer.kmer(k);
        byte[] letters = text.substring(0, text.length() / k * k).getBytes(StandardCharsets.US_ASCII);
        int[] forward = tokenizer.encode(letters, 0, letters.length);
        int[] reverse = tokenizer.encode(PreparedDirectory.reverseComplement(letters), 0, letters.length);
        for (int i = 0; i < forward.length; i++) {
            assertThat(tokenizer.reverseComplement(forward[i])).isEqualTo(reverse[forward.length - 1 - i]);
        }
    }

    @Test
    void words_stand_in_alphabetical_order_behind_the_specials() {
        assertThat(KmerTokenizer.nucleotide().description().vocabulary())
                .containsExactly("<pad>", "<unk>", "<bos>", "A", "C", "G", "T");
        assertThat(KmerTokenizer.kmer(3).description().vocabulary())
                .hasSize(67)
                .startsWith("<pad>", "<unk>", "<bos>", "AAA", "AAC")
                .endsWith("TTT");
        assertThat(KmerTokenizer.codon().vocabularySize()).isEqualTo(69);
        assertThat(KmerTokenizer.kmer(8).vocabularySize()).isEqualTo(65539);
    }

    @Test
    void lower_case_is_the_same_base_and_not_unknown() {
        KmerTokenizer tokenizer = KmerTokenizer.nucleotide();
        assertThat(tokenizer.encode("acgtuACGTUn".getBytes(StandardCharsets.US_ASCII), 0, 11))
                .containsExactly(3, 4, 5, 6, 6, 3, 4, 5, 6, 6, 1);
    }

    private static String text(byte[] codes) {
        StringBuilder text = new StringBuilder();
        for (byte code : codes) {
            text.append((char) Nucleotide.letter(code));
        }
        return text.toString();
    }
}
