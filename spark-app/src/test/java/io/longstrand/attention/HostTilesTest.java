package io.longstrand.attention;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HostTilesTest {
    private static final TileSize TILE = new TileSize(48, 64);
    private static final long TILE_BYTES = 48 * 64 / 8;
    private static final AttentionShape GROUPED = new AttentionShape(4, 2, 8);
    /** Of 192 tokens under a window of 150: six tiles that the diagonal crosses and one that the window's edge does. */
    private static final int PARTIAL = 7;

    private static final int LENGTH = 205; // a tail in either direction

    private static final Map<String, MaskRule> RULES = Map.of(
            "causal", new MaskRule.Causal(),
            "document", new MaskRule.Document(),
            "window", new MaskRule.Window(70));

    static Stream<String> backends() {
        return new Backends()
                .providers().stream()
                        .filter(provider -> provider.unavailable().isEmpty())
                        .map(BackendProvider::name)
                        .sorted();
    }

    static Stream<Arguments> backendsAndRules() {
        return backends().flatMap(backend -> RULES.keySet().stream().map(rule -> Arguments.of(backend, rule)));
    }

    @ParameterizedTest
    @MethodSource("backendsAndRules")
    void masks_made_on_the_host_give_the_bits_of_structured_ones(String backend, String rule) {
        double[][][] structured = results(backend, RULES.get(rule));
        for (long kept : List.of(0L, 3 * TILE_BYTES, 1L << 20)) {
            assertThat(results(backend, new HostMasking(RULES.get(rule), kept)))
                    .as("with %s bytes kept", kept)
                    .isDeepEqualTo(structured);
        }
    }

    /** Output, statistics and gradients over two packed documents, the same with padding, and nothing but padding. */
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

    @ParameterizedTest
    @MethodSource("backends")
    void a_tile_that_is_kept_is_made_once_for_all_heads_passes_and_sequences_of_a_form(String backend) {
        int length = 192;
        assertThat(work(backend, 1 << 20, 2, new int[length], new int[length]).tiles())
                .isEqualTo(PARTIAL);
        MaskWork again = work(backend, 0, 2, new int[length], new int[length]);
        int headsPassesSequences = GROUPED.heads() * 2 * 2;
        assertThat(again.tiles()).isEqualTo(2L * headsPassesSequences * PARTIAL);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void every_partial_tile_a_head_needs_is_moved_and_no_other(String backend) {
        int length = 192;
        MaskWork work = work(backend, 1 << 20, 1, new int[length]);
        // A row of a tile of 64 keys takes 8 bytes, whatever of it is visible.
        assertThat(work.movedBytes()).isEqualTo(GROUPED.heads() * 2L * PARTIAL * 48 * 8);
        assertThat(work.seconds()).isPositive();
    }

    private static MaskWork work(String backend, long kept, int runs, int[]... documents) {
        Masking masking = new HostMasking(new MaskRule.Window(150), kept);
        try (AttentionBench bench =
                new AttentionBench(backend, 2, GROUPED, TILE, masking, documents[0].length, documents)) {
            for (int run = 0; run < runs; run++) {
                bench.run();
            }
            return bench.mask().work();
        }
    }
}
