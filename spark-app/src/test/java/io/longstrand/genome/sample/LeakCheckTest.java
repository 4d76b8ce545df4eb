package io.longstrand.genome.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.PreparedDirectory;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.Split;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeakCheckTest {
    @TempDir
    Path directory;

    @Test
    void an_inverted_repeat_in_the_held_out_part_is_found() throws IOException {
        // As in a chloroplast: the record ends with the reverse complement of a stretch from its middle.
        byte[] letters = letters(20_000, 1);
        byte[] repeat = PreparedDirectory.reverseComplement(Arrays.copyOfRange(letters, 9_000, 10_500));
        System.arraycopy(repeat, 0, letters, 18_500, 1_500);
        LeakCheck.Result result = check(List.of(letters), new Split("region", List.of(new Region(0, 18_000, 20_000))));
        assertThat(result.checked()).isEqualTo(2_000);
        assertThat(result.seen()).isEqualTo(1_500);
        assertThat(result.warning()).hasValueSatisfying(line -> assertThat(line).contains("75.0%"));
    }

    @Test
    void a_related_strain_is_found() throws IOException {
        byte[] letters = letters(30_000, 2);
        byte[] strain = strain(letters, 0.03, 3);
        LeakCheck.Result result =
                check(List.of(letters, strain), new Split("record", List.of(new Region(1, 0, 30_000))));
        // A base escapes when no run of 24 unchanged bases covers it.
        assertThat(result.share()).isBetween(0.6, 0.95);
        assertThat(result.warning()).isPresent();
    }

    @Test
    void helicobacter_pylori_split_by_region_is_clean() throws IOException {
        byte[] letters = PreparedDirectory.helicobacter();
        Split split = new HoldOut(new long[] {letters.length}, 0.1).byRegion(3);
        LeakCheck.Result result = check(List.of(letters), split);
        assertThat(result.share()).isCloseTo(0.02, within(0.02));
        assertThat(result.warning()).isEmpty();
    }

    @Test
    void relatives_form_a_cluster_and_strangers_do_not() throws IOException {
        byte[] genome = letters(20_000, 5);
        List<byte[]> records = List.of(
                genome,
                letters(20_000, 6),
                strain(genome, 0.02, 7),
                PreparedDirectory.reverseComplement(Arrays.copyOfRange(genome, 4_000, 6_000)),
                letters(100, 8),
                letters(10, 9));
        try (PreparedData data = new PreparedDirectory(directory)
                .write(KmerTokenizer.kmer(3), new Split("region", List.of()), records)) {
            assertThat(new RecordClusters(data, 0.05).find()).containsExactly(0, 1, 0, 0, 4, 5);
        }
    }

    private LeakCheck.Result check(List<byte[]> records, Split split) throws IOException {
        try (PreparedData data = new PreparedDirectory(directory).write(KmerTokenizer.kmer(3), split, records)) {
            return new LeakCheck(data, 0.05).check();
        }
    }

    private static byte[] strain(byte[] letters, double divergence, long seed) {
        Random random = new Random(seed);
        byte[] strain = letters.clone();
        for (int i = 0; i < strain.length; i++) {
            if (random.nextDouble() < divergence) {
                strain[i] = (byte) "CGTA".charAt("ACGT".indexOf(strain[i]));
            }
        }
        return strain;
    }

    private static byte[] letters(int length, long seed) {
        Random random = new Random(seed);
        byte[] letters = new byte[length];
        for (int i = 0; i < length; i++) {
            letters[i] = (byte) "ACGT".charAt(random.nextInt(4));
        }
        return letters;
    }
}
