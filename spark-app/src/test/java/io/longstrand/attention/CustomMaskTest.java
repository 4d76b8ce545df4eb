package io.longstrand.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CustomMaskTest {
    private static final TileSize TILE = new TileSize(48, 64);
    private static final AttentionShape GROUPED = new AttentionShape(4, 2, 8);
    private static final int LENGTH = 205;
    private static final long KEPT = 1 << 20;

    @TempDir
    Path directory;

    /** Document and window at once, as a user would write them. */
    public static final class LocalMask implements CustomMask {
        @Override
        public boolean visible(int query, int key, int documentStart) {
            return key <= query && key >= documentStart && query - key < 70;
        }
    }

    /** The same, and says which tiles need not be asked about. */
    public static final class QuickLocalMask implements CustomMask {
        @Override
        public boolean visible(int query, int key, int documentStart) {
            return new LocalMask().visible(query, key, documentStart);
        }

        @Override
        public TileCoverage coverage(Pairs tile) {
            if (tile.endKey() <= tile.firstDocumentStart() || tile.firstQuery() - tile.endKey() + 1 >= 70) {
                return TileCoverage.EMPTY;
            }
            boolean causal = tile.endKey() - 1 <= tile.firstQuery();
            boolean near = tile.endQuery() - 1 - tile.firstKey() < 70;
            return causal && near && tile.firstKey() >= tile.lastDocumentStart()
                    ? TileCoverage.FULL
                    : TileCoverage.PARTIAL;
        }
    }

    static Stream<String> backends() {
        return new Backends()
                .providers().stream()
                        .filter(provider -> provider.unavailable().isEmpty())
                        .map(BackendProvider::name)
                        .sorted();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void a_rule_that_says_what_a_window_says_gives_the_same_bits(String backend) {
        double[][][] structured = results(backend, new MaskRule.Window(70));
        assertThat(results(backend, CustomMasking.of(new LocalMask(), "rule", KEPT)))
                .isDeepEqualTo(structured);
        assertThat(results(backend, CustomMasking.of(new QuickLocalMask(), "rule", 0)))
                .isDeepEqualTo(structured);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void a_file_that_says_what_a_rule_says_gives_the_same_bits(String backend) throws IOException {
        CustomMask holes = (query, key, documentStart) -> key <= query && (query - key) % 3 != 1;
        double[][][] asked = results(backend, CustomMasking.of(holes, "rule", KEPT));
        Path file = write(holes, LENGTH);
        assertThat(results(backend, CustomMasking.ofFile(FileStore.local(), file.toString(), KEPT)))
                .isDeepEqualTo(asked);
    }

    private static double[][][] results(String backend, Masking masking) {
        int[] documents = new int[LENGTH];
        Arrays.fill(documents, 90, LENGTH, 90);
        int[] padded = Arrays.copyOf(documents, 130);
        try (AttentionBench bench =
                new AttentionBench(backend, 2, GROUPED, TILE, masking, LENGTH, documents, padded, new int[0])) {
            bench.run();
            return new double[][][] {
                bench.out(), bench.logSumExp(), bench.queryGradient(), bench.keyGradient(), bench.valueGradient()
            };
        }
    }

    @Test
    void tiles_a_rule_calls_certain_are_asked_about_no_further() {
        AtomicLong asked = new AtomicLong();
        CustomMask counting = new CustomMask() {
            @Override
            public boolean visible(int query, int key, int documentStart) {
                asked.incrementAndGet();
                return key <= query;
            }

            @Override
            public TileCoverage coverage(Pairs tile) {
                return tile.endKey() <= tile.firstQuery() ? TileCoverage.EMPTY : TileCoverage.PARTIAL;
            }
        };
        try (AttentionBench bench = new AttentionBench(
                "cpu", 2, GROUPED, TILE, CustomMasking.of(counting, "rule", KEPT), 192, new int[192])) {
            bench.run();
            // The diagonal crosses six tiles of 48 × 64; each is looked at twice: to class it and to keep it.
            assertThat(asked.get()).isEqualTo(2L * 6 * 48 * 64);
        }
    }

    @Test
    void pairs_are_those_the_rule_allows() {
        CustomMask own = (query, key, documentStart) -> key == query;
        try (AttentionBench bench =
                new AttentionBench("cpu", 1, GROUPED, TILE, CustomMasking.of(own, "rule", KEPT), 192, new int[150])) {
            assertThat(bench.mask().pairs()).isEqualTo(150);
        }
    }

    @Test
    void a_rule_that_throws_names_itself_the_query_and_the_key() {
        CustomMask broken = (query, key, documentStart) -> key <= query && (query != 100 || 1 / (key - 3) > -2);
        assertThatThrownBy(() -> results("cpu", CustomMasking.of(broken, "attention.mask.rule = com.example.B", KEPT)))
                .isInstanceOf(UserError.class)
                .hasMessage("attention.mask.rule = com.example.B: threw java.lang.ArithmeticException: / by zero at"
                        + " query 100, key 3");
    }

    @Test
    void a_rule_that_sees_ahead_is_refused_with_query_and_key() {
        CustomMask ahead = (query, key, documentStart) -> key <= query + 1;
        assertThatThrownBy(() -> results("cpu", CustomMasking.of(ahead, "attention.mask.rule = com.example.A", KEPT)))
                .isInstanceOf(UserError.class)
                .hasMessageMatching(
                        "attention.mask.rule = com.example.A: query \\d+ sees key \\d+, which comes after it"
                                + " and holds what the model is to predict; right are keys up to the query's own");
    }

    @Test
    void a_file_of_the_wrong_size_names_itself_and_both_sizes() throws IOException {
        Path file = directory.resolve("mask.bin");
        Files.write(file, new byte[100]);
        Masking masking = CustomMasking.ofFile(FileStore.local(), file.toString(), KEPT);
        assertThatThrownBy(() -> masking.check(LENGTH))
                .isInstanceOf(UserError.class)
                .hasMessage(
                        "attention.mask.file = " + file + ": holds 100 bytes; expected are 5330: 205 rows of 26 bytes"
                                + " for data.sequence-length = 205");
    }

    @Test
    void a_file_that_is_not_there_names_itself() throws IOException {
        Masking masking = CustomMasking.ofFile(FileStore.local(), "/nowhere/mask.bin", KEPT);
        assertThatThrownBy(() -> masking.check(LENGTH))
                .isInstanceOf(UserError.class)
                .hasMessage("attention.mask.file = /nowhere/mask.bin: there is no such file");
    }

    @Test
    void a_file_that_sees_ahead_is_refused_with_query_and_key() throws IOException {
        Path file = write((query, key, documentStart) -> key <= query || query == 7 && key == 9, LENGTH);
        Masking masking = CustomMasking.ofFile(FileStore.local(), file.toString(), KEPT);
        assertThatThrownBy(() -> results("cpu", masking))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("attention.mask.file = " + file + ": query 7 sees key 9, which comes after it");
    }

    @Test
    void a_class_that_is_missing_or_wrong_says_what_would_be_right() {
        assertThatThrownBy(() -> CustomMasking.ofClass("com.example.Nothing", KEPT))
                .isInstanceOf(UserError.class)
                .hasMessage("attention.mask.rule = com.example.Nothing: there is no such class; name a class that"
                        + " implements io.longstrand.attention.CustomMask in full, with its package, and its jar in"
                        + " LONGSTRAND_JARS (spark-submit --jars)");
        assertThatThrownBy(() -> CustomMasking.ofClass("java.lang.String", KEPT))
                .isInstanceOf(UserError.class)
                .hasMessage("attention.mask.rule = java.lang.String: does not implement"
                        + " io.longstrand.attention.CustomMask");
        assertThatThrownBy(() -> CustomMasking.ofClass("io.longstrand.attention.CustomMask", KEPT))
                .isInstanceOf(UserError.class)
                .hasMessage("attention.mask.rule = io.longstrand.attention.CustomMask: must be a public class that is"
                        + " not abstract");
    }

    /** What {@code numpy.packbits(mask, axis=1, bitorder="little").tofile(file)} writes. */
    private Path write(CustomMask mask, int length) throws IOException {
        int rowBytes = (length + 7) / 8;
        byte[] bytes = new byte[length * rowBytes];
        for (int query = 0; query < length; query++) {
            for (int key = 0; key < length; key++) {
                if (mask.visible(query, key, 0)) {
                    bytes[query * rowBytes + key / 8] |= (byte) (1 << key % 8);
                }
            }
        }
        return Files.write(directory.resolve("mask.bin"), bytes);
    }
}
