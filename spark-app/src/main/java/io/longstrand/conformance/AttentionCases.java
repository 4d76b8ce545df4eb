package io.longstrand.conformance;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The flash-attention kernels: tile by tile they must yield what attention over all keys at once yields. */
final class AttentionCases {
    private static final double UNSEEN = Double.NEGATIVE_INFINITY;

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

    private AttentionCases() {}

    static List<KernelCase> all() {
        return List.of(
                new KernelCase(
                        "softmaxTile", "over all tiles equals attention over all keys", AttentionCases::tilesForward),
                new KernelCase(
                        "softmaxTile",
                        "neither overflows nor vanishes with scores in the hundreds",
                        AttentionCases::highScores),
                new KernelCase(
                        "softmaxTile", "updates maximum, sum and scores by the formula", AttentionCases::oneTile),
                new KernelCase(
                        "softmaxTileBackward",
                        "over all tiles equals the gradient over all keys",
                        AttentionCases::tilesBackward),
                new KernelCase(
                        "softmaxTileBackward",
                        "gives hidden scores no gradient, however large",
                        AttentionCases::hiddenScores),
                new KernelCase(
                        "softmaxTile", "hides what bits are 0 for, between visible keys too", AttentionCases::bitsHide),
                new KernelCase(
                        "softmaxTile",
                        "takes bits and ranges that say the same for the same",
                        AttentionCases::bitsAsRanges),
                new KernelCase(
                        "softmaxTileBackward", "in bfloat16 is that of float32, rounded", AttentionCases::roundedTiles),
                new KernelCase("softmaxFinish", "equals float64", AttentionCases::finish),
                new KernelCase("softmaxFinish", "in bfloat16 is that of float32, rounded", AttentionCases::roundedEnd));
    }

    /** With one as training has it where large shapes are tried. */
    private static List<Case> cases(Workbench bench) {
        List<Case> cases = new ArrayList<>(List.of(CASES));
        if (!bench.large().isEmpty()) {
            cases.add(new Case("causal, large", 1024, 1024, 512, 64, (query, key) -> key <= query));
        }
        return cases;
    }

    private static void tilesForward(Workbench bench) {
        for (Case attention : cases(bench)) {
            for (Placing placing : Placing.values()) {
                forward(bench, attention, placing, bench.random().normal(attention.queries(), attention.headSize(), 2));
            }
        }
    }

    private static void highScores(Workbench bench) {
        Case causal = CASES[2];
        forward(bench, causal, Placing.CONTIGUOUS, bench.random().normal(causal.queries(), causal.headSize(), 200));
    }

    private static void forward(Workbench bench, Case attention, Placing placing, double[][] query) {
        double[][] key = bench.random().normal(attention.keys(), attention.headSize());
        double[][] value = bench.random().normal(attention.keys(), attention.headSize());
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
        bench.check(new Tolerance(2e-5 * magnitude), what + " out", bench.read(out), expected.out());
        bench.check(Tolerance.FLOAT32_SUMS, what + " log-sum-exp", bench.readRow(logSumExp), expected.logSumExp());

        bench.kernels().softmaxFinish(accumulator, maximum, sum, accumulator, logSumExp);
        bench.check(new Tolerance(2e-5 * magnitude), what + " out in place", bench.read(accumulator), expected.out());
    }

    private static void oneTile(Workbench bench) {
        Tensor scores = bench.device(new double[][] {{1, 2, 3}, {4, 500, -500}, {1, 1, 1}}); // keys 32 to 34
        TileMask mask = new TileMask.Ranges(bench.integers(0, 30, 40), bench.integers(34, 33, 33), 32);
        Tensor maximum = bench.row(3, UNSEEN, UNSEEN);
        Tensor sum = bench.row(2, 0, 0);
        Tensor accumulator = bench.device(new double[][] {{1, -1}, {0, 0}, {0, 0}});

        bench.kernels().softmaxTile(scores, mask, 2, maximum, sum, accumulator, scores);

        double[][] probabilities = {{Math.exp(-2), 1, 0}, {1, 0, 0}, {0, 0, 0}};
        bench.check(Tolerance.FLOAT32, "scores", bench.read(scores), probabilities);
        bench.check(Tolerance.FLOAT32, "maximum", bench.readRow(maximum), new double[] {4, 8, UNSEEN});
        double shrunk = Math.exp(-1);
        bench.check(Tolerance.FLOAT32, "sum", bench.readRow(sum), new double[] {2 * shrunk + Math.exp(-2) + 1, 1, 0});
        bench.check(Tolerance.FLOAT32, "accumulator", bench.read(accumulator), new double[][] {
            {shrunk, -shrunk}, {0, 0}, {0, 0}
        });
    }

    private static void tilesBackward(Workbench bench) {
        for (Case attention : cases(bench)) {
            for (Placing placing : Placing.values()) {
                backward(bench, attention, placing);
            }
        }
    }

    private static void backward(Workbench bench, Case attention, Placing placing) {
        int queries = attention.queries();
        double[][] query = bench.random().normal(queries, attention.headSize(), 2);
        double[][] key = bench.random().normal(attention.keys(), attention.headSize());
        double[][] value = bench.random().normal(attention.keys(), attention.headSize());
        double[][] outGradient = bench.random().normal(queries, attention.headSize());
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
        bench.check(Tolerance.FLOAT32_SUMS, what + " dQ", bench.read(dQuery), expected.query());
        bench.check(Tolerance.FLOAT32_SUMS, what + " dK", bench.read(dKey), expected.key());
        bench.check(Tolerance.FLOAT32_SUMS, what + " dV", bench.read(dValue), expected.value());
    }

    private static void hiddenScores(Workbench bench) {
        Tensor scores = bench.device(new double[][] {{1, 1e30, 1e4}, {5, 5, 5}});
        TileMask mask = new TileMask.Ranges(bench.integers(0, 0), bench.integers(1, 3), 0);
        Tensor gradient = bench.device(new double[][] {{2, 1e30, 3}, {1, 2, 3}});

        bench.kernels()
                .softmaxTileBackward(
                        scores, gradient, mask, 0.5f, bench.row(1.5, UNSEEN), bench.row(0.25, 0), scores, gradient);

        double p = Math.exp(0.5 - 1.5);
        bench.check(Tolerance.FLOAT32, "P", bench.read(scores), new double[][] {{p, 0, 0}, {0, 0, 0}});
        bench.check(
                Tolerance.FLOAT32, "dS", bench.read(gradient), new double[][] {{p * (2 - 0.25) * 0.5, 0, 0}, {0, 0, 0}
                });
    }

    private static void bitsHide(Workbench bench) {
        for (Case attention : CASES) {
            ReferenceAttention.Visibility holes = (query, key) -> (query * 7 + key * 5) % 3 != 0;
            for (ReferenceAttention.Visibility visibility : List.of(attention.visibility(), holes)) {
                double[][] scores = bench.random().normal(attention.queries(), attention.keys(), 3);
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
                bench.check(Tolerance.FLOAT32, attention.name() + " P", bench.read(p), seen);
                Tensor gradient = bench.device(bench.random().normal(attention.queries(), attention.keys()));
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
                bench.check(Tolerance.FLOAT32, attention.name() + " dS", bench.read(gradient), expected);
            }
        }
    }

    private static void bitsAsRanges(Workbench bench) {
        for (Case attention : CASES) {
            double[][] scores = bench.random().normal(attention.queries(), attention.keys(), 3);
            double[][] gradient = bench.random().normal(attention.queries(), attention.keys());
            TileMask ranges = attention.mask(bench, Placing.CONTIGUOUS);
            TileMask bits = bits(bench, attention.queries(), attention.keys(), attention.visibility());
            double[][][] expected = masked(bench, scores, gradient, ranges);
            double[][][] found = masked(bench, scores, gradient, bits);
            for (int i = 0; i < expected.length; i++) {
                bench.check(Tolerance.EXACT, attention.name(), found[i], expected[i]);
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

    private static void roundedTiles(Workbench bench) {
        for (Case attention : CASES) {
            TileMask mask = attention.mask(bench, Placing.CONTIGUOUS);
            double[][] scores = bench.random().normal(attention.queries(), attention.keys(), 3);
            double[][] gradient = bench.random().normal(attention.queries(), attention.keys());
            for (boolean forward : new boolean[] {true, false}) {
                Tensor[] wide = probabilities(bench, DataType.FLOAT32, scores, gradient, mask, forward);
                Tensor[] narrow = probabilities(bench, DataType.BFLOAT16, scores, gradient, mask, forward);
                for (int i = 0; i < wide.length; i++) {
                    Tensor rounded =
                            bench.allocate(Place.DEVICE, DataType.BFLOAT16, attention.queries(), attention.keys());
                    bench.kernels().copy(wide[i], rounded);
                    bench.check(Tolerance.EXACT, attention.name(), bench.read(narrow[i]), bench.read(rounded));
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

    private static void finish(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] summed = bench.random().normal(rows, columns);
            double[] sums = Arrays.stream(bench.random().normalRow(rows, 1))
                    .map(x -> (float) (1 + x * x))
                    .toArray();
            double[] maxima = bench.random().normalRow(rows, 3);
            Tensor out = bench.undefined(rows, columns, stored);
            Tensor logSumExp = bench.undefined(1, rows, stored.placing());
            bench.kernels()
                    .softmaxFinish(
                            bench.device(summed, stored.placing()),
                            bench.row(maxima, stored.placing()),
                            bench.row(sums, stored.placing()),
                            out,
                            logSumExp);
            double[][] expected = new double[rows][columns];
            double[] expectedLog = new double[rows];
            for (int row = 0; row < rows; row++) {
                expectedLog[row] = maxima[row] + Math.log(sums[row]);
                for (int column = 0; column < columns; column++) {
                    expected[row][column] = summed[row][column] / sums[row];
                }
            }
            bench.check(stored.tolerance(Tolerance.FLOAT32), what, bench.read(out), expected);
            bench.check(Tolerance.FLOAT32, what + " log-sum-exp", bench.readRow(logSumExp), expectedLog);
        });
    }

    private static void roundedEnd(Workbench bench) {
        Tensor accumulator = bench.device(bench.random().normal(5, 35));
        Tensor sum = bench.row(3, 0, 1, 0.25, 7);
        Tensor maximum = bench.row(1, UNSEEN, 0, -2, 5);
        Tensor log = bench.undefined(1, 5, Placing.CONTIGUOUS);
        Tensor wide = bench.undefined(5, 35, Placing.CONTIGUOUS);
        Tensor narrow = bench.allocate(Place.DEVICE, DataType.BFLOAT16, 5, 35);
        Tensor rounded = bench.allocate(Place.DEVICE, DataType.BFLOAT16, 5, 35);
        bench.kernels().softmaxFinish(accumulator, maximum, sum, wide, log);
        bench.kernels().softmaxFinish(accumulator, maximum, sum, narrow, log);
        bench.kernels().copy(wide, rounded);
        bench.check(Tolerance.EXACT, "out", bench.read(narrow), bench.read(rounded));
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
