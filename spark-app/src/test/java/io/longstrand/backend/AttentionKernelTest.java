package io.longstrand.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.Arrays;
import java.util.List;

/** The flash-attention kernels: tile by tile they must yield what attention over all keys at once yields. */
class AttentionKernelTest {
    private static final double UNSEEN = Double.NEGATIVE_INFINITY;

    private final RandomMatrices random = new RandomMatrices(5);

    /** One case: how many queries and keys, the keys of a tile, the head size and who sees whom. */
    private record Case(
            String name, int queries, int keys, int tile, int headSize, ReferenceAttention.Visibility visibility) {
        double scale() {
            return (float) (1 / Math.sqrt(headSize));
        }

        boolean full() {
            for (int query = 0; query < queries; query++) {
                for (int key = 0; key < keys; key++) {
                    if (!visibility.visible(query, key)) {
                        return false;
                    }
                }
            }
            return true;
        }

        /** The mask of the tile at key 0; {@link #at} gives those of the others. */
        TileMask mask(Workbench bench, Placing placing) {
            if (full()) {
                return new TileMask.Full();
            }
            int[] first = new int[queries];
            int[] end = new int[queries];
            for (int query = 0; query < queries; query++) {
                for (int key = keys - 1; key >= 0; key--) {
                    if (visibility.visible(query, key)) {
                        end[query] = end[query] == 0 ? key + 1 : end[query];
                        first[query] = key;
                    }
                }
                if (end[query] == 0) {
                    first[query] = query; // sees none: the range is empty or turned around
                }
            }
            return new TileMask.Ranges(bench.integers(first, placing), bench.integers(end, placing), 0);
        }
    }

    private static TileMask at(TileMask mask, int tileStart) {
        return mask instanceof TileMask.Ranges ranges
                ? new TileMask.Ranges(ranges.firstKey(), ranges.endKey(), tileStart)
                : mask;
    }

    private static final Case[] CASES = {
        new Case("full, one tile", 5, 7, 7, 16, (query, key) -> true),
        new Case("full, tiles with a tail", 66, 257, 100, 64, (query, key) -> true),
        new Case("causal", 64, 64, 31, 32, (query, key) -> key <= query),
        new Case("causal, more queries than keys", 100, 33, 8, 7, (query, key) -> key <= query),
        new Case("some rows see nothing", 31, 40, 16, 24, (query, key) -> query % 3 != 0 && key >= 2),
        new Case("nothing in the first tile", 17, 64, 32, 8, (query, key) -> key >= 40 + query / 2 && key < 60),
        new Case("documents", 70, 70, 32, 20, (query, key) -> key <= query && key >= query / 23 * 23),
        new Case("nobody sees anything", 4, 9, 9, 4, (query, key) -> false),
        new Case("one query, one key", 1, 1, 1, 1, (query, key) -> true),
    };

    @EveryBackend
    void tiles_forward_equal_attention_over_all_keys(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (Case attention : CASES) {
                for (Placing placing : Placing.values()) {
                    forward(bench, attention, placing, random.normal(attention.queries(), attention.headSize(), 2));
                }
            }
        }
    }

    @EveryBackend
    void scores_in_the_hundreds_neither_overflow_nor_vanish(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Case causal = CASES[2];
            forward(bench, causal, Placing.CONTIGUOUS, random.normal(causal.queries(), causal.headSize(), 200));
        }
    }

    private void forward(Workbench bench, Case attention, Placing placing, double[][] query) {
        double[][] key = random.normal(attention.keys(), attention.headSize());
        double[][] value = random.normal(attention.keys(), attention.headSize());
        ReferenceAttention.Forward expected =
                new ReferenceAttention(attention.visibility(), attention.scale()).forward(query, key, value);
        Tensor q = bench.device(query, placing);
        Tensor k = bench.device(key, placing);
        Tensor v = bench.device(value, placing);
        Tensor maximum = bench.row(filled(attention.queries(), UNSEEN), placing);
        Tensor sum = bench.row(filled(attention.queries(), 0), placing);
        Tensor accumulator = bench.device(new double[attention.queries()][attention.headSize()], placing);
        TileMask mask = attention.mask(bench, placing);
        for (int start = 0; start < attention.keys(); start += attention.tile()) {
            int end = Math.min(start + attention.tile(), attention.keys());
            Tensor scores = bench.undefined(attention.queries(), end - start, placing);
            bench.kernels().matmul(MatrixProduct.withRightTransposed(q, k.rows(start, end), scores));
            bench.kernels()
                    .softmaxTile(scores, at(mask, start), (float) attention.scale(), maximum, sum, accumulator, scores);
            bench.kernels()
                    .matmul(MatrixProduct.of(scores, v.rows(start, end), accumulator)
                            .accumulating());
        }
        Tensor out = bench.undefined(attention.queries(), attention.headSize(), placing);
        Tensor logSumExp = bench.undefined(1, attention.queries(), placing);
        bench.kernels().softmaxFinish(accumulator, maximum, sum, out, logSumExp);

        String what = attention.name() + " " + placing;
        // Scores in the hundreds carry the rounding of their product into the exponent.
        double magnitude = Math.max(1, largest(expected.logSumExp()) / 50);
        new Tolerance(2e-5 * magnitude).check(what + " out", bench.read(out), expected.out());
        Tolerance.FLOAT32_SUMS.check(what + " log-sum-exp", bench.readRow(logSumExp), expected.logSumExp());

        bench.kernels().softmaxFinish(accumulator, maximum, sum, accumulator, logSumExp);
        new Tolerance(2e-5 * magnitude).check(what + " out in place", bench.read(accumulator), expected.out());
    }

    @EveryBackend
    void one_tile_updates_maximum_sum_and_scores_by_the_formula(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Tensor scores = bench.device(new double[][] {{1, 2, 3}, {4, 500, -500}, {1, 1, 1}}); // keys 32 to 34
            TileMask mask = new TileMask.Ranges(bench.integers(0, 30, 40), bench.integers(34, 33, 33), 32);
            Tensor maximum = bench.row(3, UNSEEN, UNSEEN);
            Tensor sum = bench.row(2, 0, 0);
            Tensor accumulator = bench.device(new double[][] {{1, -1}, {0, 0}, {0, 0}});

            bench.kernels().softmaxTile(scores, mask, 2, maximum, sum, accumulator, scores);

            double[][] probabilities = {{Math.exp(-2), 1, 0}, {1, 0, 0}, {0, 0, 0}};
            Tolerance.FLOAT32.check("scores", bench.read(scores), probabilities);
            Tolerance.FLOAT32.check("maximum", bench.readRow(maximum), new double[] {4, 8, UNSEEN});
            double shrunk = Math.exp(-1);
            Tolerance.FLOAT32.check("sum", bench.readRow(sum), new double[] {2 * shrunk + Math.exp(-2) + 1, 1, 0});
            Tolerance.FLOAT32.check(
                    "accumulator", bench.read(accumulator), new double[][] {{shrunk, -shrunk}, {0, 0}, {0, 0}});
        }
    }

    @EveryBackend
    void tiles_backward_equal_the_gradient_over_all_keys(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (Case attention : CASES) {
                for (Placing placing : Placing.values()) {
                    backward(bench, attention, placing);
                }
            }
        }
    }

    private void backward(Workbench bench, Case attention, Placing placing) {
        int queries = attention.queries();
        double[][] query = random.normal(queries, attention.headSize(), 2);
        double[][] key = random.normal(attention.keys(), attention.headSize());
        double[][] value = random.normal(attention.keys(), attention.headSize());
        double[][] outGradient = random.normal(queries, attention.headSize());
        ReferenceAttention reference = new ReferenceAttention(attention.visibility(), attention.scale());
        ReferenceAttention.Forward forward = reference.forward(query, key, value);
        ReferenceAttention.Backward expected = reference.backward(query, key, value, outGradient);
        Tensor q = bench.device(query, placing);
        Tensor k = bench.device(key, placing);
        Tensor v = bench.device(value, placing);
        Tensor dOut = bench.device(outGradient, placing);
        Tensor logSumExp = bench.row(forward.logSumExp(), placing);
        Tensor delta = bench.row(ReferenceKernels.rowDots(forward.out(), outGradient), placing);
        Tensor dQuery = bench.device(new double[queries][attention.headSize()], placing);
        Tensor dKey = bench.undefined(attention.keys(), attention.headSize(), placing);
        Tensor dValue = bench.undefined(attention.keys(), attention.headSize(), placing);
        TileMask mask = attention.mask(bench, placing);
        for (int start = 0; start < attention.keys(); start += attention.tile()) {
            int end = Math.min(start + attention.tile(), attention.keys());
            Tensor scores = bench.undefined(queries, end - start, placing);
            Tensor gradient = bench.undefined(queries, end - start, placing);
            bench.kernels().matmul(MatrixProduct.withRightTransposed(q, k.rows(start, end), scores));
            bench.kernels().matmul(MatrixProduct.withRightTransposed(dOut, v.rows(start, end), gradient));
            bench.kernels()
                    .softmaxTileBackward(
                            scores,
                            gradient,
                            at(mask, start),
                            (float) attention.scale(),
                            logSumExp,
                            delta,
                            scores,
                            gradient);
            bench.kernels().matmul(MatrixProduct.withLeftTransposed(scores, dOut, dValue.rows(start, end)));
            bench.kernels().matmul(MatrixProduct.withLeftTransposed(gradient, q, dKey.rows(start, end)));
            bench.kernels()
                    .matmul(MatrixProduct.of(gradient, k.rows(start, end), dQuery)
                            .accumulating());
        }
        String what = attention.name() + " " + placing;
        Tolerance.FLOAT32_SUMS.check(what + " dQ", bench.read(dQuery), expected.query());
        Tolerance.FLOAT32_SUMS.check(what + " dK", bench.read(dKey), expected.key());
        Tolerance.FLOAT32_SUMS.check(what + " dV", bench.read(dValue), expected.value());
    }

    @EveryBackend
    void hidden_scores_however_large_have_no_gradient(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Tensor scores = bench.device(new double[][] {{1, 1e30, 1e4}, {5, 5, 5}});
            TileMask mask = new TileMask.Ranges(bench.integers(0, 0), bench.integers(1, 3), 0);
            Tensor gradient = bench.device(new double[][] {{2, 1e30, 3}, {1, 2, 3}});

            bench.kernels()
                    .softmaxTileBackward(
                            scores, gradient, mask, 0.5f, bench.row(1.5, UNSEEN), bench.row(0.25, 0), scores, gradient);

            double p = Math.exp(0.5 - 1.5);
            Tolerance.FLOAT32.check("P", bench.read(scores), new double[][] {{p, 0, 0}, {0, 0, 0}});
            Tolerance.FLOAT32.check(
                    "dS", bench.read(gradient), new double[][] {{p * (2 - 0.25) * 0.5, 0, 0}, {0, 0, 0}});
        }
    }

    @EveryBackend
    void bits_hide_what_they_are_0_for_between_visible_keys_too(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (Case attention : CASES) {
                ReferenceAttention.Visibility holes = (query, key) -> (query * 7 + key * 5) % 3 != 0;
                for (ReferenceAttention.Visibility visibility : List.of(attention.visibility(), holes)) {
                    double[][] scores = random.normal(attention.queries(), attention.keys(), 3);
                    TileMask mask = bits(bench, attention.queries(), attention.keys(), visibility);
                    Tensor maximum = bench.row(filled(attention.queries(), UNSEEN));
                    Tensor sum = bench.row(filled(attention.queries(), 0));
                    Tensor accumulator = bench.device(new double[attention.queries()][attention.headSize()]);
                    Tensor tile = bench.device(scores);
                    Tensor p = bench.undefined(attention.queries(), attention.keys(), Placing.VIEW);
                    bench.kernels().softmaxTile(tile, mask, 0.5f, maximum, sum, accumulator, p);
                    double[][] seen = new double[attention.queries()][attention.keys()];
                    double[] logSumExp = new double[attention.queries()];
                    for (int query = 0; query < seen.length; query++) {
                        double most = UNSEEN;
                        for (int key = 0; key < seen[query].length; key++) {
                            boolean visible = visibility.visible(query, key);
                            most = visible ? Math.max(most, scores[query][key] * 0.5) : most;
                        }
                        double total = 0;
                        for (int key = 0; key < seen[query].length; key++) {
                            boolean visible = visibility.visible(query, key);
                            seen[query][key] = visible ? Math.exp(scores[query][key] * 0.5 - most) : 0;
                            total += seen[query][key];
                        }
                        logSumExp[query] = total == 0 ? UNSEEN : most + Math.log(total);
                    }
                    Tolerance.FLOAT32.check(attention.name() + " P", bench.read(p), seen);
                    Tensor gradient = bench.device(random.normal(attention.queries(), attention.keys()));
                    double[][] before = bench.read(gradient);
                    Tensor log = bench.row(logSumExp);
                    Tensor delta = bench.row(filled(attention.queries(), 0.25));
                    bench.kernels().softmaxTileBackward(tile, gradient, mask, 0.5f, log, delta, tile, gradient);
                    double[][] expected = new double[seen.length][seen[0].length];
                    for (int query = 0; query < seen.length; query++) {
                        for (int key = 0; key < seen[query].length; key++) {
                            double probability = visibility.visible(query, key)
                                    ? Math.exp(scores[query][key] * 0.5 - logSumExp[query])
                                    : 0;
                            expected[query][key] = probability * (before[query][key] - 0.25) * 0.5;
                        }
                    }
                    Tolerance.FLOAT32.check(attention.name() + " dS", bench.read(gradient), expected);
                }
            }
        }
    }

    @EveryBackend
    void bits_that_say_what_ranges_say_give_the_same_bits(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (Case attention : CASES) {
                double[][] scores = random.normal(attention.queries(), attention.keys(), 3);
                double[][] gradient = random.normal(attention.queries(), attention.keys());
                TileMask ranges = attention.mask(bench, Placing.CONTIGUOUS);
                TileMask bits = bits(bench, attention.queries(), attention.keys(), attention.visibility());
                assertThat(masked(bench, scores, gradient, bits))
                        .as(attention.name())
                        .isDeepEqualTo(masked(bench, scores, gradient, ranges));
            }
        }
    }

    private static double[][][] masked(Workbench bench, double[][] scores, double[][] gradient, TileMask mask) {
        Tensor tile = bench.device(scores);
        Tensor tileGradient = bench.device(gradient);
        Tensor maximum = bench.row(filled(scores.length, UNSEEN));
        Tensor sum = bench.row(filled(scores.length, 0));
        Tensor accumulator = bench.device(new double[scores.length][8]);
        Tensor p = bench.undefined(scores.length, scores[0].length, Placing.CONTIGUOUS);
        Tensor log = bench.undefined(1, scores.length, Placing.CONTIGUOUS);
        bench.kernels().softmaxTile(tile, mask, 0.3f, maximum, sum, accumulator, p);
        bench.kernels().softmaxFinish(accumulator, maximum, sum, accumulator, log);
        bench.kernels().softmaxTileBackward(tile, tileGradient, mask, 0.3f, log, maximum, tile, tileGradient);
        return new double[][][] {
            bench.read(p), bench.read(sum), bench.read(log), bench.read(tile), bench.read(tileGradient)
        };
    }

    @EveryBackend
    void probabilities_and_gradients_in_bfloat16_are_those_of_float32_rounded(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (Case attention : CASES) {
                TileMask mask = attention.mask(bench, Placing.CONTIGUOUS);
                double[][] scores = random.normal(attention.queries(), attention.keys(), 3);
                double[][] gradient = random.normal(attention.queries(), attention.keys());
                for (boolean forward : new boolean[] {true, false}) {
                    Tensor[] wide = probabilities(bench, DataType.FLOAT32, scores, gradient, mask, forward);
                    Tensor[] narrow = probabilities(bench, DataType.BFLOAT16, scores, gradient, mask, forward);
                    for (int i = 0; i < wide.length; i++) {
                        Tensor rounded =
                                bench.allocate(Place.DEVICE, DataType.BFLOAT16, attention.queries(), attention.keys());
                        bench.kernels().copy(wide[i], rounded);
                        new Tolerance(0).check(attention.name(), bench.read(narrow[i]), bench.read(rounded));
                    }
                }
            }
        }
    }

    private static Tensor[] probabilities(
            Workbench bench, DataType type, double[][] scores, double[][] gradient, TileMask mask, boolean forward) {
        int queries = scores.length;
        Tensor p = bench.allocate(Place.DEVICE, type, queries, scores[0].length);
        Tensor row = bench.row(filled(queries, forward ? UNSEEN : 2));
        Tensor sum = bench.row(filled(queries, 0));
        if (forward) {
            Tensor accumulator = bench.device(new double[queries][4]);
            bench.kernels().softmaxTile(bench.device(scores), mask, 0.5f, row, sum, accumulator, p);
            return new Tensor[] {p};
        }
        Tensor d = bench.allocate(Place.DEVICE, type, queries, scores[0].length);
        bench.kernels().softmaxTileBackward(bench.device(scores), bench.device(gradient), mask, 0.5f, row, sum, p, d);
        return new Tensor[] {p, d};
    }

    @EveryBackend
    void the_end_of_the_softmax_rounds_to_bfloat16(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Tensor accumulator = bench.device(random.normal(5, 35));
            Tensor sum = bench.row(3, 0, 1, 0.25, 7);
            Tensor maximum = bench.row(1, UNSEEN, 0, -2, 5);
            Tensor log = bench.undefined(1, 5, Placing.CONTIGUOUS);
            Tensor wide = bench.undefined(5, 35, Placing.CONTIGUOUS);
            Tensor narrow = bench.allocate(Place.DEVICE, DataType.BFLOAT16, 5, 35);
            Tensor rounded = bench.allocate(Place.DEVICE, DataType.BFLOAT16, 5, 35);
            bench.kernels().softmaxFinish(accumulator, maximum, sum, wide, log);
            bench.kernels().softmaxFinish(accumulator, maximum, sum, narrow, log);
            bench.kernels().copy(wide, rounded);
            new Tolerance(0).check("out", bench.read(narrow), bench.read(rounded));
        }
    }

    /** The bits of one tile; those behind the last column are set, nobody may look at them. */
    private static TileMask bits(Workbench bench, int queries, int keys, ReferenceAttention.Visibility visibility) {
        int perRow = TileMask.Bits.words(keys);
        int[] words = new int[queries * perRow];
        Arrays.fill(words, -1);
        for (int query = 0; query < queries; query++) {
            for (int key = 0; key < keys; key++) {
                if (!visibility.visible(query, key)) {
                    words[query * perRow + key / Integer.SIZE] &= ~(1 << key % Integer.SIZE);
                }
            }
        }
        return new TileMask.Bits(bench.integers(words).reshape(queries, perRow));
    }

    private static double[] filled(int count, double value) {
        double[] values = new double[count];
        Arrays.fill(values, value);
        return values;
    }

    private static double largest(double[] values) {
        return Arrays.stream(values)
                .filter(Double::isFinite)
                .map(Math::abs)
                .max()
                .orElse(0);
    }
}
