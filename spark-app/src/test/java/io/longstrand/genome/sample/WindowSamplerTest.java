package io.longstrand.genome.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.PreparedDirectory;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.Split;
import io.longstrand.genome.token.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WindowSamplerTest {
    @TempDir
    Path directory;

    // Every 12-mer of a record made by this is its only one, on both strands, so a run of tokens says where it is from.
    private static byte[] letters(int length, long seed) {
        Random random = new Random(seed);
        byte[] letters = new byte[length];
        for (int i = 0; i < length; i++) {
            letters[i] = (byte) "ACGT".charAt(random.nextInt(4));
        }
        return letters;
    }

    @Test
    void an_epoch_sees_every_training_base_at_every_phase_sooner_or_later_and_no_held_out_base() throws IOException {
        byte[] letters = letters(4000, 3);
        String held = new String(letters, 3400, 600, StandardCharsets.US_ASCII);
        String text = new String(letters, 0, 3400, StandardCharsets.US_ASCII);
        String reverse = new String(
                PreparedDirectory.reverseComplement(text.getBytes(StandardCharsets.US_ASCII)),
                StandardCharsets.US_ASCII);
        Split split = new Split("region", List.of(new Region(0, 3400, 4000)));
        Tokenizer tokenizer = KmerTokenizer.kmer(3);
        try (PreparedData data = new PreparedDirectory(directory).write(tokenizer, split, List.of(letters))) {
            WindowSampler sampler = new WindowSampler(data, new SamplingSettings(64, 5, true, 1));
            assertThat(sampler.windowsPerEpoch()).isEqualTo(3400 / (64 * 3));
            Set<Integer> phases = new HashSet<>();
            boolean[] seen = new boolean[3400];
            int backwards = 0;
            for (long n = 0; n < 4 * sampler.windowsPerEpoch(); n++) {
                Window window = sampler.window(n);
                for (String segment : segments(tokenizer, window)) {
                    int at = text.indexOf(segment);
                    if (at < 0) {
                        assertThat(reverse).contains(segment);
                        at = 3400 - reverse.indexOf(segment) - segment.length();
                        backwards++;
                    }
                    phases.add(at % 3);
                    Arrays.fill(seen, at, at + segment.length(), true);
                    assertThat(held).doesNotContain(segment);
                }
            }
            assertThat(phases).containsExactlyInAnyOrder(0, 1, 2);
            assertThat(backwards).isBetween(15, 55);
            int count = 0;
            for (boolean base : seen) {
                count += base ? 1 : 0;
            }
            assertThat(count).isGreaterThan(3390);
        }
    }

    // The bases of every segment, inputs and the label behind the last one: labels must be the next token of the input.
    private static List<String> segments(Tokenizer tokenizer, Window window) {
        List<String> segments = new ArrayList<>();
        List<String> vocabulary = tokenizer.description().vocabulary();
        int i = 0;
        while (i < window.tokens().length) {
            int start = i;
            StringBuilder text = new StringBuilder();
            for (; i < window.tokens().length && window.documentStart()[i] == start; i++) {
                int token = window.tokens()[i];
                if (token == tokenizer.specials().begin()) {
                    assertThat(i).isEqualTo(start);
                } else if (token != tokenizer.specials().padding()) {
                    text.append(vocabulary.get(token));
                }
                boolean last = i + 1 == window.tokens().length || window.documentStart()[i + 1] != start;
                int label = window.labels()[i];
                if (!last && !tokenizer.specials().isSpecial(window.tokens()[i + 1])) {
                    assertThat(label).isEqualTo(window.tokens()[i + 1]);
                } else if (last && label >= 0) {
                    text.append(vocabulary.get(label));
                }
                assertThat(window.weights()[i]).isEqualTo(label < 0 ? 0f : 1f);
            }
            if (text.length() > 0) {
                segments.add(text.toString());
            }
        }
        return segments;
    }

    @Test
    void windows_over_many_short_records_pack_segments_that_each_spell_a_record() throws IOException {
        List<byte[]> records = new ArrayList<>();
        Set<String> spelled = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            records.add(letters(20 + i, i));
            spelled.add(new String(records.get(i), StandardCharsets.US_ASCII));
            spelled.add(new String(PreparedDirectory.reverseComplement(records.get(i)), StandardCharsets.US_ASCII));
        }
        Split split = new Split("record", List.of(new Region(7, 0, 27)));
        for (Tokenizer tokenizer : List.of(KmerTokenizer.kmer(3), KmerTokenizer.nucleotide(), KmerTokenizer.codon())) {
            try (PreparedData data = new PreparedDirectory(directory).write(tokenizer, split, records)) {
                WindowSampler sampler = new WindowSampler(data, new SamplingSettings(50, 1, true, 1));
                int segments = 0;
                for (long n = 0; n < 3 * sampler.windowsPerEpoch(); n++) {
                    Window window = sampler.window(n);
                    for (String segment : segments(tokenizer, window)) {
                        assertThat(spelled).anyMatch(record -> record.contains(segment));
                        segments++;
                    }
                    assertThat(window.scoredTokens()).isEqualTo((int) Arrays.stream(window.labels())
                            .filter(label -> label >= 0)
                            .count());
                    assertThat(window.scoredBases()).isEqualTo((long) window.scoredTokens() * tokenizer.width());
                }
                assertThat(segments).isGreaterThan((int) (3 * sampler.windowsPerEpoch()));
            }
        }
    }

    @Test
    void any_window_can_be_asked_for_at_once_and_is_the_same() throws IOException {
        Split split = new Split("region", List.of(new Region(0, 900, 1000)));
        try (PreparedData data =
                new PreparedDirectory(directory).write(KmerTokenizer.kmer(2), split, List.of(letters(1000, 1)))) {
            SamplingSettings settings = new SamplingSettings(16, 9, true, 1);
            WindowSampler first = new WindowSampler(data, settings);
            List<int[]> tokens = new ArrayList<>();
            for (int n = 0; n < 100; n++) {
                tokens.add(first.window(n).tokens());
            }
            WindowSampler second = new WindowSampler(data, settings);
            for (int n = 99; n >= 0; n--) {
                assertThat(second.window(n).tokens()).containsExactly(tokens.get(n));
            }
        }
    }

    @Test
    void unknown_bases_are_read_but_never_predicted_and_soft_masked_ones_count_less() throws IOException {
        String text = "ACGTACGTACGTACGT" + "NNNN" + "acgtacgtacgtacgt" + "ACGT";
        Split split = new Split("region", List.of());
        try (PreparedData data = new PreparedDirectory(directory)
                .write(KmerTokenizer.nucleotide(), split, List.of(text.getBytes(StandardCharsets.US_ASCII)))) {
            for (boolean reverse : new boolean[] {false, true}) {
                WindowSampler sampler = new WindowSampler(data, new SamplingSettings(20, 2, reverse, 0.25f));
                for (long n = 0; n < 40; n++) {
                    Window window = sampler.window(n);
                    for (int i = 0; i + 1 < 20; i++) {
                        if (window.tokens()[i + 1] == 1) {
                            assertThat(window.labels()[i]).isEqualTo(-1);
                            assertThat(window.weights()[i]).isZero();
                        }
                    }
                    for (int i = 0; i < 20; i++) {
                        assertThat(window.weights()[i]).isIn(0f, 0.25f, 1f);
                    }
                }
            }
            Window whole = new WindowSampler(data, new SamplingSettings(40, 2, false, 0.25f)).window(0);
            float sum = 0;
            for (float weight : whole.weights()) {
                sum += weight;
            }
            assertThat(sum).isBetween(20 + 4f - 2, 20 + 4f); // 20 plain and 16 quarter bases; edges predict nothing
        }
    }

    @Test
    void a_window_longer_than_the_training_data_is_refused_with_the_longest_possible() throws IOException {
        Split split = new Split("region", List.of(new Region(0, 900, 1000)));
        try (PreparedData data =
                new PreparedDirectory(directory).write(KmerTokenizer.kmer(3), split, List.of(letters(1000, 1)))) {
            new WindowSampler(data, new SamplingSettings(300, 1, true, 1)).window(0);
            assertThatThrownBy(() -> new WindowSampler(data, new SamplingSettings(301, 1, true, 1)))
                    .isInstanceOf(UserError.class)
                    .hasMessage("data.sequence-length = 301 is longer than the training data, which makes 300 tokens; "
                            + "it can be at most 300");
        }
    }

    @Test
    void coding_strands_are_not_reversed() throws IOException {
        try (PreparedData data = new PreparedDirectory(directory)
                .write(KmerTokenizer.codonByFrame(), new Split("region", List.of()), List.of(letters(300, 1)))) {
            assertThatThrownBy(() -> new WindowSampler(data, new SamplingSettings(8, 1, true, 1)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("codon-by-frame reads coding strands only");
            assertThat(new WindowSampler(data, new SamplingSettings(8, 1, false, 1))
                            .window(3)
                            .scoredTokens())
                    .isBetween(7, 8);
        }
    }
}
