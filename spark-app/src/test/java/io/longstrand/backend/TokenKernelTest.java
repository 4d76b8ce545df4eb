package io.longstrand.backend;

import io.longstrand.tensor.Tensor;
import java.util.Optional;
import java.util.stream.IntStream;

/** Kernels that look things up by token: embedding, rotary positions, cross-entropy. */
class TokenKernelTest {
    private static final int VOCABULARY = 13;

    private final RandomMatrices random = new RandomMatrices(4);

    @EveryBackend
    void embedding_copies_or_adds_rows_of_the_table(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] table = stored.rounded(random.normal(VOCABULARY, columns));
                int[] indices = random.integers(rows, VOCABULARY);
                double[][] looked =
                        IntStream.of(indices).mapToObj(i -> table[i]).toArray(double[][]::new);
                Tensor out = bench.undefined(rows, columns, stored);
                Tensor tokens = bench.integers(indices, stored.placing());

                bench.kernels().embedding(tokens, bench.device(table, stored), out, false);
                stored.tolerance(Tolerance.FLOAT32).check(what, bench.read(out), looked);
                bench.kernels().embedding(tokens, bench.device(table, stored), out, true);
                stored.tolerance(Tolerance.FLOAT32)
                        .check(what + " added", bench.read(out), ReferenceKernels.plus(looked, looked));
            });
        }
    }

    @EveryBackend
    void embedding_backward_adds_the_gradients_of_repeated_tokens(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] expected = random.normal(VOCABULARY, columns);
                Tensor tableGradient = bench.device(expected, stored.placing());
                int[] indices = random.integers(rows, VOCABULARY);
                double[][] outGradient = stored.rounded(random.normal(rows, columns));

                bench.kernels()
                        .embeddingBackward(
                                bench.integers(indices, stored.placing()),
                                bench.device(outGradient, stored),
                                tableGradient);

                for (int token = 0; token < rows; token++) {
                    for (int column = 0; column < columns; column++) {
                        expected[indices[token]][column] += outGradient[token][column];
                    }
                }
                Tolerance.FLOAT32.check(what, bench.read(tableGradient), expected);
            });
        }
    }

    @EveryBackend
    void rotary_turns_heads_by_positions_in_any_order_and_back(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (Stored stored : Stored.ways()) {
                for (int headSize : new int[] {2, 6, 32, 64, 100}) {
                    for (int heads : new int[] {1, 3}) {
                        rotate(bench, stored, headSize, heads);
                    }
                }
            }
        }
    }

    private void rotate(Workbench bench, Stored stored, int headSize, int heads) {
        int tokens = 29;
        int positions = 50;
        double[][] x = stored.rounded(random.normal(tokens, heads * headSize));
        double[][] angles = random.normal(positions, headSize / 2, 3);
        double[][] cosines = RowwiseKernelTest.map(angles, angle -> (float) Math.cos(angle));
        double[][] sines = RowwiseKernelTest.map(angles, angle -> (float) Math.sin(angle));
        int[] order = random.integers(tokens, positions); // not ascending, some repeated
        Tensor inOut = bench.device(x, stored);
        String what = heads + " heads of " + headSize + " " + stored;

        bench.kernels()
                .rotary(
                        inOut,
                        headSize,
                        bench.integers(order),
                        bench.device(cosines, stored.placing()),
                        bench.device(sines, stored.placing()),
                        false);
        double[][] turned = bench.read(inOut);
        Tolerance tolerance = stored.tolerance(Tolerance.FLOAT32);
        tolerance.check(what, turned, ReferenceKernels.rotary(x, headSize, order, cosines, sines, false));

        bench.kernels()
                .rotary(inOut, headSize, bench.integers(order), bench.device(cosines), bench.device(sines), true);
        tolerance.check(
                what + " back",
                bench.read(inOut),
                ReferenceKernels.rotary(turned, headSize, order, cosines, sines, true));
    }

    @EveryBackend
    void cross_entropy_equals_float64_and_ignores_rows_without_label(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] x = stored.rounded(random.normal(rows, columns, 5));
                int[] labels = random.integers(rows, columns);
                for (int row = rows / 2; row < rows; row += 3) {
                    labels[row] = -1;
                }
                double[] weights = random.normalRow(rows, 1);
                ReferenceKernels.CrossEntropy expected = ReferenceKernels.crossEntropy(x, labels, weights);
                Tensor logits = bench.device(x, stored);
                Tensor wanted = bench.integers(labels, stored.placing());
                Tensor scales = bench.row(weights, stored.placing());

                Tensor losses = bench.undefined(1, rows, stored.placing());
                bench.kernels().crossEntropy(logits, wanted, scales, losses, Optional.empty());
                Tolerance.FLOAT32.check(what + " loss alone", bench.readRow(losses), expected.losses());
                Tolerance.FLOAT32.check(what + " logits untouched", bench.read(logits), x);

                for (Tensor gradient : new Tensor[] {bench.undefined(rows, columns, stored), logits}) {
                    losses = bench.undefined(1, rows, stored.placing());
                    bench.kernels().crossEntropy(logits, wanted, scales, losses, Optional.of(gradient));
                    Tolerance.FLOAT32.check(what + " losses", bench.readRow(losses), expected.losses());
                    stored.tolerance(Tolerance.FLOAT32_SUMS)
                            .check(what + " gradient", bench.read(gradient), expected.gradient());
                }
            });
        }
    }

    @EveryBackend
    void cross_entropy_survives_logits_far_from_zero(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            double[][] x = {{1000, 0, -1000}, {-500, -500, -501}, {0, 300, 301}};
            int[] labels = {2, 0, 1};
            double[] weights = {1, 1, 1};
            ReferenceKernels.CrossEntropy expected = ReferenceKernels.crossEntropy(x, labels, weights);
            Tensor logits = bench.device(x);
            Tensor losses = bench.undefined(1, 3, Placing.CONTIGUOUS);

            bench.kernels()
                    .crossEntropy(logits, bench.integers(labels), bench.row(weights), losses, Optional.of(logits));

            Tolerance.FLOAT32.check("losses", bench.readRow(losses), expected.losses());
            Tolerance.FLOAT32_SUMS.check("gradient", bench.read(logits), expected.gradient());
        }
    }
}
