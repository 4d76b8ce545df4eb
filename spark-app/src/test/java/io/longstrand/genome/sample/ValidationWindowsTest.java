package io.longstrand.genome.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.PreparedDirectory;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.Split;
import io.longstrand.genome.token.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ValidationWindowsTest {
    @Property(tries = 120)
    void every_held_out_base_is_scored_exactly_once_with_half_a_window_before_it(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 400) Integer> lengths,
            @ForAll @IntRange(min = 2, max = 40) int window,
            @ForAll @IntRange(min = 1, max = 5) int k,
            @ForAll @IntRange(min = 1, max = 9) int tenths,
            @ForAll long seed)
            throws IOException {
        long total = lengths.stream().mapToLong(Integer::longValue).sum();
        if (total * tenths / 10 < 2L * k) {
            return;
        }
        List<byte[]> records = records(lengths, seed);
        Split split = new HoldOut(lengths.stream().mapToLong(Integer::longValue).toArray(), tenths / 10.0).byRegion(k);
        Path directory = Files.createTempDirectory("validation");
        Tokenizer tokenizer = KmerTokenizer.kmer(k);
        try (PreparedData data = new PreparedDirectory(directory).write(tokenizer, split, records)) {
            if (split.heldOut().stream().allMatch(region -> region.length() < k)) {
                return;
            }
            ValidationWindows windows = new ValidationWindows(data, window);
            List<String> expected = new ArrayList<>();
            long leftOver = 0;
            for (Region region : split.heldOut()) {
                int[] tokens = tokenizer.encode(records.get(region.record()), (int) region.start(), (int) region.end());
                for (int token : tokens) {
                    expected.add(region.record() + " " + token);
                }
                leftOver += region.length() % k;
                assertThat(region.start() == 0 || region.length() % k == 0).isTrue();
            }
            assertThat(windows.scoredRegions().stream()
                            .mapToLong(Region::length)
                            .sum())
                    .isEqualTo(split.bases() - leftOver);
            // The scored labels, window after window, are the held-out tokens in order.
            List<Integer> scored = new ArrayList<>();
            long bases = 0;
            for (long n = 0; n < windows.count(); n++) {
                Window each = windows.window(n);
                int first = -1;
                for (int i = 0; i < window; i++) {
                    if (each.labels()[i] >= 0) {
                        first = first < 0 ? i : first;
                        scored.add(each.labels()[i]);
                        assertThat(each.weights()[i]).isEqualTo(1);
                    }
                }
                boolean fromRecordStart =
                        each.tokens()[0] == tokenizer.specials().begin();
                if (first >= 0 && !fromRecordStart) {
                    assertThat(first + 1).isGreaterThanOrEqualTo(window / 2);
                }
                assertThat(each.documentStart()[Math.max(0, first)]).isZero();
                bases += each.scoredBases();
            }
            assertThat(scored)
                    .isEqualTo(expected.stream()
                            .map(line -> Integer.parseInt(line.split(" ")[1]))
                            .filter(token -> !tokenizer.specials().isSpecial(token))
                            .toList());
            assertThat(bases).isEqualTo((long) scored.size() * k);
        } finally {
            delete(directory);
        }
    }

    @Property(tries = 60)
    void training_windows_never_hold_a_held_out_base(
            @ForAll @Size(min = 1, max = 4) List<@IntRange(min = 30, max = 200) Integer> lengths,
            @ForAll @IntRange(min = 1, max = 4) int k,
            @ForAll long seed)
            throws IOException {
        // Training bases are A and C, held-out ones G and T; on the reverse strand the other way round.
        long[] bases = lengths.stream().mapToLong(Integer::longValue).toArray();
        Split split = new HoldOut(bases, 0.3).byRegion(k);
        List<byte[]> records = records(lengths, seed);
        for (byte[] record : records) {
            for (int i = 0; i < record.length; i++) {
                record[i] = (byte) (record[i] % 2 == 0 ? 'A' : 'C');
            }
        }
        for (Region region : split.heldOut()) {
            for (long i = region.start(); i < region.end(); i++) {
                records.get(region.record())[(int) i] = 'G';
            }
        }
        Path directory = Files.createTempDirectory("validation");
        Tokenizer tokenizer = KmerTokenizer.kmer(k);
        List<String> vocabulary = tokenizer.description().vocabulary();
        try (PreparedData data = new PreparedDirectory(directory).write(tokenizer, split, records)) {
            WindowSampler sampler = new WindowSampler(data, new SamplingSettings(5, seed, false, 1));
            for (long n = 0; n < 5 * sampler.windowsPerEpoch(); n++) {
                Window window = sampler.window(n);
                for (int i = 0; i < 5; i++) {
                    assertThat(vocabulary.get(window.tokens()[i])).doesNotContain("G");
                    assertThat(window.labels()[i] < 0 ? "" : vocabulary.get(window.labels()[i]))
                            .doesNotContain("G");
                }
            }
            sampler = new WindowSampler(data, new SamplingSettings(5, seed, true, 1));
            for (long n = 0; n < 5 * sampler.windowsPerEpoch(); n++) {
                Window window = sampler.window(n);
                for (int i = 0; i < 5; i++) {
                    // A reverse window spells G and T only; a mixture would have read over the border.
                    String word = vocabulary.get(window.tokens()[i]);
                    String label = window.labels()[i] < 0 ? "" : vocabulary.get(window.labels()[i]);
                    assertThat((word + label).replaceAll("<.*>", "")).matches("[AC]*|[GT]*");
                }
            }
        } finally {
            delete(directory);
        }
    }

    private static List<byte[]> records(List<Integer> lengths, long seed) {
        Random random = new Random(seed);
        List<byte[]> records = new ArrayList<>();
        for (int length : lengths) {
            byte[] letters = new byte[length];
            for (int i = 0; i < length; i++) {
                letters[i] = (byte) "ACGTACGTACGTacgtN".charAt(random.nextInt(17));
            }
            records.add(letters);
        }
        return records;
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
