package io.longstrand.genome.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.genome.sample.HoldOut;
import io.longstrand.genome.sample.ValidationWindows;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.PreparedDirectory;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.Split;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselinesTest {
    @TempDir
    Path directory;

    @Test
    void helicobacter_pylori_costs_what_an_independent_program_measured() throws IOException {
        byte[] letters = PreparedDirectory.helicobacter();
        Split split = new HoldOut(new long[] {letters.length}, 0.1).byRegion(3);
        try (PreparedData data =
                new PreparedDirectory(directory).write(KmerTokenizer.kmer(3), split, List.of(letters))) {
            ValidationWindows windows = new ValidationWindows(data, 256);
            Baselines.Result result = new Baselines(data).score(windows.scoredRegions());
            assertThat(result.bases()).isEqualTo(165_297);
            assertThat(result.bitsPerBase().keySet())
                    .containsExactly(
                            "2-bit",
                            "order-2",
                            "order-3",
                            "order-4",
                            "order-5",
                            "order-6",
                            "order-7",
                            "order-8",
                            "order-9",
                            "order-10",
                            "order-11",
                            "order-12",
                            "mix");
            assertThat(result.bitsPerBase().get("order-3")).isCloseTo(1.866, within(0.0006));
            assertThat(result.bitsPerBase().get("order-6")).isCloseTo(1.830, within(0.0006));
            assertThat(result.bitsPerBase().get("order-8")).isCloseTo(1.847, within(0.0006));
            assertThat(result.bitsPerBase().get("order-12")).isCloseTo(1.987, within(0.0006));
            assertThat(result.bitsPerBase().get("mix")).isBetween(1.82, 1.827);
        }
    }

    @Test
    void exactly_the_bases_that_validation_scores_are_scored_whatever_the_tokens() throws IOException {
        Random random = new Random(4);
        byte[] letters = new byte[5000];
        for (int i = 0; i < letters.length; i++) {
            letters[i] = (byte) "ACGTACGTACGTACGTACGTACGTACGTN".charAt(random.nextInt(29));
        }
        for (int k = 1; k <= 5; k++) {
            Split split = new HoldOut(new long[] {5000}, 0.3).byRegion(k);
            try (PreparedData data =
                    new PreparedDirectory(directory).write(KmerTokenizer.kmer(k), split, List.of(letters))) {
                ValidationWindows windows = new ValidationWindows(data, 32);
                long bases = 0;
                for (long n = 0; n < windows.count(); n++) {
                    bases += windows.window(n).scoredBases();
                }
                assertThat(new Baselines(data).score(windows.scoredRegions()).bases())
                        .isEqualTo(bases);
            }
        }
    }

    @Test
    void counts_come_from_both_strands_of_the_training_part_only() throws IOException {
        // Trained on A only, so T is as frequent: order 2 gives A after AA (98 + 1) / (98 + 4).
        String text = "A".repeat(100) + "AAAAAGGGGG";
        Split split = new Split("region", List.of(new Region(0, 100, 110)));
        try (PreparedData data = new PreparedDirectory(directory)
                .write(KmerTokenizer.nucleotide(), split, List.of(text.getBytes(StandardCharsets.US_ASCII)))) {
            Baselines.Result result = new Baselines(data).score(List.of(new Region(0, 100, 110)));
            double bits = -5 * log2(99 / 102.0) - log2(1 / 102.0) - 4 * log2(0.25);
            assertThat(result.bitsPerBase().get("order-2")).isCloseTo(bits / 10, within(1e-12));
        }
        String reverse = "A".repeat(100) + "TTTTTTTTTT";
        try (PreparedData data = new PreparedDirectory(directory)
                .write(KmerTokenizer.nucleotide(), split, List.of(reverse.getBytes(StandardCharsets.US_ASCII)))) {
            Baselines.Result result = new Baselines(data).score(List.of(new Region(0, 102, 110)));
            assertThat(result.bitsPerBase().get("order-2")).isCloseTo(-log2(99 / 102.0), within(1e-12));
        }
    }

    private static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }
}
