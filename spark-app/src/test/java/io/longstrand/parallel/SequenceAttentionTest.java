package io.longstrand.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.CustomMask;
import io.longstrand.attention.CustomMasking;
import io.longstrand.attention.HostMasking;
import io.longstrand.attention.MaskRule;
import io.longstrand.attention.Masking;
import io.longstrand.comm.Crew;
import io.longstrand.comm.InMemory;
import io.longstrand.comm.OperationKind;
import io.longstrand.mesh.Mesh;
import io.longstrand.tensor.DataType;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention over ranks that share sequences against attention on one. */
class SequenceAttentionTest {
    /** Of sums of some hundred terms of order one in FLOAT32, relative to the largest element. */
    private static final double TOLERANCE = 2e-6;

    private static final AttentionShape HEADS = new AttentionShape(4, 4, 8);
    private static final AttentionShape GROUPED = new AttentionShape(4, 2, 8);
    private static final int LENGTH = 389;

    /** Holes, and queries that see nothing. */
    private static final CustomMask HOLES = (query, key, documentStart) ->
            key <= query && key >= documentStart && (query - key) % 3 != 1 && query % 5 != 4;

    private static final Map<String, Masking> MASKS = Map.of(
            "causal", new MaskRule.Causal(),
            "document", new MaskRule.Document(),
            "window", new MaskRule.Window(70),
            "document on host", new HostMasking(new MaskRule.Document(), 1 << 14),
            "custom", CustomMasking.of(HOLES, "rule", 1 << 14));

    /** context × head */
    static Stream<Arguments> layouts() {
        return Stream.of(
                Arguments.of(2, 1), Arguments.of(4, 1), Arguments.of(1, 2), Arguments.of(1, 4), Arguments.of(2, 2));
    }

    private record Result(double[][] out, double[][] gradient, long pairs, long[] ringBytes, long[] headBytes) {}

    private static Result attend(Mesh mesh, AttentionShape shape, Masking masking, DataType type, int[]... documents) {
        return attend(mesh, shape, masking, type, LENGTH, documents);
    }

    private static Result attend(
            Mesh mesh, AttentionShape shape, Masking masking, DataType type, int length, int[]... documents) {
        int rows = documents.length * length;
        double[][] out = new double[rows][shape.heads() * shape.headSize()];
        double[][] gradient = new double[rows][shape.projectedColumns()];
        AtomicLong pairs = new AtomicLong();
        long[] ringBytes = new long[mesh.world()];
        long[] headBytes = new long[mesh.world()];
        try (Crew crew = new Crew(InMemory.worlds(mesh.world(), Duration.ofSeconds(10)))) {
            crew.run(world -> {
                try (AttentionRank rank =
                        new AttentionRank("cpu", world, mesh, shape, masking, type, length, documents)) {
                    rank.run(out, gradient);
                    pairs.addAndGet(rank.pairs());
                    ringBytes[world.rank()] =
                            world.traffic().get(OperationKind.SEND_RECEIVE).bytesSent();
                    headBytes[world.rank()] =
                            world.traffic().get(OperationKind.ALL_TO_ALL).bytesSent();
                }
            });
        }
        return new Result(out, gradient, pairs.get(), ringBytes, headBytes);
    }

    /** Three documents, and a second sequence that ends early. */
    private static int[][] documents() {
        int[] starts = new int[LENGTH];
        Arrays.fill(starts, 90, LENGTH, 90);
        Arrays.fill(starts, 240, LENGTH, 240);
        return new int[][] {starts, Arrays.copyOf(starts, 251)};
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void outputs_and_gradients_equal_those_of_one_rank_under_every_mask(int context, int head) {
        Mesh mesh = new Mesh(1, context, head, 1);
        for (AttentionShape shape : new AttentionShape[] {HEADS, GROUPED}) {
            MASKS.forEach((name, masking) -> {
                Result one = attend(new Mesh(1, 1, 1, 1), shape, masking, DataType.FLOAT32, documents());
                Result many = attend(mesh, shape, masking, DataType.FLOAT32, documents());
                near(name + ": output", many.out(), one.out(), TOLERANCE);
                near(name + ": gradient", many.gradient(), one.gradient(), TOLERANCE);
                assertThat(many.pairs()).as("pairs").isEqualTo(head * one.pairs());
            });
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void mixed_precision_rounds_as_one_rank_does(int context, int head) {
        Mesh mesh = new Mesh(1, context, head, 1);
        Result one = attend(new Mesh(1, 1, 1, 1), HEADS, new MaskRule.Document(), DataType.BFLOAT16, documents());
        Result many = attend(mesh, HEADS, new MaskRule.Document(), DataType.BFLOAT16, documents());
        near("output", many.out(), one.out(), 0x1p-7);
        near("gradient", many.gradient(), one.gradient(), 0x1p-7);
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void the_same_layout_gives_the_same_bits(int context, int head) {
        Mesh mesh = new Mesh(1, context, head, 1);
        Result first = attend(mesh, GROUPED, new MaskRule.Document(), DataType.FLOAT32, documents());
        Result second = attend(mesh, GROUPED, new MaskRule.Document(), DataType.FLOAT32, documents());
        assertThat(second.out()).isDeepEqualTo(first.out());
        assertThat(second.gradient()).isDeepEqualTo(first.gradient());
    }

    @Test
    void a_ring_sends_what_the_formula_says() {
        int length = 512;
        for (int ranks : new int[] {2, 4}) {
            Result result = attend(
                    new Mesh(1, ranks, 1, 1),
                    GROUPED,
                    new MaskRule.Causal(),
                    DataType.FLOAT32,
                    length,
                    new int[length]);
            // Keys and values in both passes and their gradients in one: 4 bytes an element each.
            long elements = 2L * (length / ranks) * 2 * 8 * (ranks - 1);
            assertThat(result.ringBytes()).containsOnly(3 * 4 * elements);
        }
    }

    @Test
    void trading_tokens_for_heads_sends_what_the_formula_says_and_the_row_dots() {
        int length = 512;
        for (int ranks : new int[] {2, 4}) {
            Result result = attend(
                    new Mesh(1, 1, ranks, 1), HEADS, new MaskRule.Causal(), DataType.FLOAT32, length, new int[length]);
            long tokens = length / ranks;
            long elements = 2 * 4 * tokens * 32 * (ranks - 1) / ranks;
            long dots = tokens * 4 * (ranks - 1) / ranks;
            assertThat(result.headBytes()).containsOnly(4 * (elements + dots));
        }
    }

    @Test
    void keys_that_nobody_behind_sees_are_not_sent() {
        int length = 2048;
        Mesh mesh = new Mesh(1, 4, 1, 1);
        long causal = sum(attend(mesh, GROUPED, new MaskRule.Causal(), DataType.FLOAT32, length, new int[length]));
        long window = sum(attend(mesh, GROUPED, new MaskRule.Window(64), DataType.FLOAT32, length, new int[length]));
        int[] documents = new int[length];
        for (int token = 0; token < length; token++) {
            documents[token] = token / 256 * 256; // as long as a chunk
        }
        long apart = sum(attend(mesh, GROUPED, new MaskRule.Document(), DataType.FLOAT32, length, documents));
        assertThat(window).isLessThan(causal / 2);
        assertThat(apart).isZero();
    }

    private static long sum(Result result) {
        return Arrays.stream(result.ringBytes()).sum();
    }

    private static void near(String what, double[][] found, double[][] expected, double tolerance) {
        double most = 0;
        for (double[] row : expected) {
            for (double value : row) {
                most = Math.max(most, Math.abs(value));
            }
        }
        for (int row = 0; row < expected.length; row++) {
            for (int column = 0; column < expected[row].length; column++) {
                if (!(Math.abs(found[row][column] - expected[row][column]) <= tolerance * most)) {
                    assertThat(found[row][column])
                            .as("%s, row %d, column %d of at most %s", what, row, column, most)
                            .isEqualTo(expected[row][column]);
                }
            }
        }
    }
}
