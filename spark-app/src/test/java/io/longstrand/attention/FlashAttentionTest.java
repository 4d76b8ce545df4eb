package io.longstrand.attention;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Flash attention, and naive attention beside it, against attention in float64. */
class FlashAttentionTest {
    /** FLOAT32 sums of some hundred terms of order one against float64. */
    private static final Offset<Double> TOLERANCE = Offset.offset(2e-5);

    private static final TileSize SMALL = new TileSize(48, 64);
    /** Naive attention is checked with every kind of mask up to this length. */
    private static final int LONGEST_NAIVE = 200;

    static Stream<String> backends() {
        return new Backends()
                .providers().stream()
                        .filter(provider -> provider.unavailable().isEmpty())
                        .map(BackendProvider::name)
                        .sorted();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void causal_attention_equals_the_naive_form_over_several_tiles_and_a_tail(String backend) {
        int length = 173;
        AttentionShape shape = new AttentionShape(2, 2, 8);
        check(backend, shape, new MaskRule.Causal(), length, new int[length], new int[length]);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void query_heads_of_a_group_share_their_key_head(String backend) {
        AttentionShape shape = new AttentionShape(6, 2, 4);
        check(backend, shape, new MaskRule.Causal(), 100, new int[100]);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void documents_do_not_see_each_other_wherever_they_start(String backend) {
        int length = 260;
        int[] documents = new int[length];
        Arrays.fill(documents, 7, 70, 7);
        Arrays.fill(documents, 70, 71, 70);
        Arrays.fill(documents, 71, 200, 71);
        Arrays.fill(documents, 200, length, 200);
        AttentionShape shape = new AttentionShape(2, 1, 16);
        check(backend, shape, new MaskRule.Document(), length, documents, new int[length]);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void a_window_hides_what_lies_far_back_and_other_documents(String backend) {
        int length = 260;
        int[] documents = new int[length];
        Arrays.fill(documents, 120, length, 120);
        AttentionShape shape = new AttentionShape(4, 2, 8);
        check(backend, shape, new MaskRule.Window(50), length, documents, new int[length]);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void queries_without_a_key_give_zero_and_minus_infinity_and_take_no_gradient(String backend) {
        // Padding: the second sequence has 30 real tokens, the third none.
        AttentionShape shape = new AttentionShape(2, 2, 8);
        check(backend, shape, new MaskRule.Causal(), 130, new int[130], new int[30], new int[0]);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void one_token_attends_to_itself(String backend) {
        check(backend, new AttentionShape(1, 1, 2), new MaskRule.Causal(), 1, new int[1]);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void two_threads_give_the_bits_of_one(String backend) {
        AttentionShape shape = new AttentionShape(4, 2, 8);
        double[][][] one = results(backend, 1, shape);
        double[][][] two = results(backend, 2, shape);
        assertThat(two).isDeepEqualTo(one);
    }

    private static double[][][] results(String backend, int threads, AttentionShape shape) {
        try (AttentionBench bench = new AttentionBench(
                backend, threads, shape, SMALL, new MaskRule.Causal(), 150, new int[150], new int[150])) {
            bench.run();
            return new double[][][] {
                bench.out(), bench.logSumExp(), bench.queryGradient(), bench.keyGradient(), bench.valueGradient()
            };
        }
    }

    /** A mask, and the same said pair by pair. */
    private record Kind(String name, Masking masking, CustomMask pairs) {
        private static Kind of(String name, MaskRule rule) {
            return new Kind(
                    name,
                    rule,
                    (query, key, start) -> key >= rule.firstKey(query, start) && key < rule.endKey(query, start));
        }

        private static List<Kind> all() {
            // Holes, and every fifth query sees nothing.
            CustomMask holes = (query, key, documentStart) -> key <= query && (query - key) % 3 != 1 && query % 5 != 4;
            return List.of(
                    of("causal", new MaskRule.Causal()),
                    of("document", new MaskRule.Document()),
                    of("window", new MaskRule.Window(50)),
                    new Kind("custom", CustomMasking.of(holes, "rule", 1 << 20), holes));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void every_head_size_at_every_length_under_every_mask_equals_the_naive_form(String backend) {
        int turn = 0;
        for (int headSize : new int[] {32, 64, 96, 128, 256}) {
            AttentionShape shape = new AttentionShape(2, 1, headSize);
            for (Kind kind : Kind.all()) {
                for (int length : new int[] {1, 63, 65, 127, 129}) {
                    check(backend, shape, kind, length);
                }
            }
            // Several tiles in both directions and a tail; the naive form takes its time.
            check(backend, shape, Kind.all().get(turn++ % 4), 1000);
        }
    }

    private static void check(String backend, AttentionShape shape, Kind kind, int length) {
        int[] documents = new int[length];
        Arrays.fill(documents, length / 3, length, length / 3);
        check(AttentionForm.FLASH, backend, shape, TileSize.forLength(length), kind, length, documents);
        if (length <= LONGEST_NAIVE) {
            check(AttentionForm.NAIVE, backend, shape, TileSize.whole(length), kind, length, documents);
        }
    }

    private static void check(
            String backend, AttentionShape shape, MaskRule rule, int length, int[]... documentStarts) {
        Kind kind = Kind.of("rule", rule);
        check(AttentionForm.FLASH, backend, shape, SMALL, kind, length, documentStarts);
        check(AttentionForm.NAIVE, backend, shape, TileSize.whole(length), kind, length, documentStarts);
    }

    private static void check(
            AttentionForm form,
            String backend,
            AttentionShape shape,
            TileSize tile,
            Kind kind,
            int length,
            int[]... documentStarts) {
        try (AttentionBench bench =
                new AttentionBench(form, backend, 2, shape, tile, kind.masking(), length, documentStarts)) {
            bench.run();
            for (int sequence = 0; sequence < documentStarts.length; sequence++) {
                for (int keyHead = 0; keyHead < shape.keyValueHeads(); keyHead++) {
                    double[][] keyGradient = new double[length][shape.headSize()];
                    double[][] valueGradient = new double[length][shape.headSize()];
                    for (int head = keyHead * shape.group(); head < (keyHead + 1) * shape.group(); head++) {
                        ReferenceAttention.Gradients gradients =
                                checkHead(bench, shape, kind, length, documentStarts[sequence], sequence, head);
                        add(keyGradient, gradients.key());
                        add(valueGradient, gradients.value());
                    }
                    equal("key gradient", head(bench.keyGradient(), shape, length, sequence, keyHead), keyGradient);
                    equal(
                            "value gradient",
                            head(bench.valueGradient(), shape, length, sequence, keyHead),
                            valueGradient);
                }
            }
        }
    }

    private static ReferenceAttention.Gradients checkHead(
            AttentionBench bench,
            AttentionShape shape,
            Kind kind,
            int length,
            int[] documentStart,
            int sequence,
            int head) {
        int keyHead = head / shape.group();
        ReferenceAttention naive = new ReferenceAttention(
                head(bench.query(), shape, length, sequence, head),
                head(bench.key(), shape, length, sequence, keyHead),
                head(bench.value(), shape, length, sequence, keyHead),
                (query, key) -> query < documentStart.length
                        && key < documentStart.length
                        && kind.pairs().visible(query, key, documentStart[query]));
        ReferenceAttention.Result expected = naive.forward();
        equal("out", head(bench.out(), shape, length, sequence, head), expected.out());
        double[] logSumExp = Arrays.copyOfRange(bench.logSumExp()[head], sequence * length, (sequence + 1) * length);
        for (int query = 0; query < length; query++) {
            if (expected.logSumExp()[query] == Double.NEGATIVE_INFINITY) {
                assertThat(logSumExp[query]).isEqualTo(Double.NEGATIVE_INFINITY);
            } else {
                assertThat(logSumExp[query]).isCloseTo(expected.logSumExp()[query], TOLERANCE);
            }
        }
        ReferenceAttention.Gradients gradients =
                naive.backward(expected, head(bench.outGradient(), shape, length, sequence, head));
        equal("query gradient", head(bench.queryGradient(), shape, length, sequence, head), gradients.query());
        return gradients;
    }

    private static double[][] head(double[][] all, AttentionShape shape, int length, int sequence, int head) {
        double[][] part = new double[length][];
        for (int row = 0; row < length; row++) {
            part[row] = Arrays.copyOfRange(
                    all[sequence * length + row], head * shape.headSize(), (head + 1) * shape.headSize());
        }
        return part;
    }

    private static void add(double[][] to, double[][] from) {
        for (int row = 0; row < to.length; row++) {
            for (int column = 0; column < to[row].length; column++) {
                to[row][column] += from[row][column];
            }
        }
    }

    private static void equal(String what, double[][] actual, double[][] expected) {
        for (int row = 0; row < expected.length; row++) {
            for (int column = 0; column < expected[row].length; column++) {
                // Told by the assertion, made only where it fails: there are millions.
                if (!(Math.abs(actual[row][column] - expected[row][column]) <= TOLERANCE.value)) {
                    assertThat(actual[row][column])
                            .as("%s, row %d, column %d", what, row, column)
                            .isCloseTo(expected[row][column], TOLERANCE);
                }
            }
        }
    }
}
