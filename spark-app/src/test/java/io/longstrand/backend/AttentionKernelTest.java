package io.longstrand.backend;

import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.Arrays;

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
            bench.kernels().softmaxTile(scores, at(mask, start), (float) attention.scale(), maximum, sum, accumulator);
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

            bench.kernels().softmaxTile(scores, mask, 2, maximum, sum, accumulator);

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
                            scores, at(mask, start), (float) attention.scale(), logSumExp, delta, gradient);
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
                    .softmaxTileBackward(scores, mask, 0.5f, bench.row(1.5, UNSEEN), bench.row(0.25, 0), gradient);

            double p = Math.exp(0.5 - 1.5);
            Tolerance.FLOAT32.check("P", bench.read(scores), new double[][] {{p, 0, 0}, {0, 0, 0}});
            Tolerance.FLOAT32.check(
                    "dS", bench.read(gradient), new double[][] {{p * (2 - 0.25) * 0.5, 0, 0}, {0, 0, 0}});
        }
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
