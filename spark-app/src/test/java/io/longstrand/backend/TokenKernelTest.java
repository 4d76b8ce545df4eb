package io.longstrand.backend;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Arrays;
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
    void an_index_that_names_no_row_stands_for_zeros(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] table = stored.rounded(random.normal(VOCABULARY, columns));
                int[] indices = random.integers(rows, VOCABULARY);
                for (int row = 0; row < rows; row += 2) {
                    indices[row] = Kernels.NO_ENTRY;
                }
                double[][] looked = IntStream.of(indices)
                        .mapToObj(i -> i == Kernels.NO_ENTRY ? new double[columns] : table[i])
                        .toArray(double[][]::new);
                Tensor out = bench.undefined(rows, columns, stored);
                Tensor tokens = bench.integers(indices, stored.placing());

                bench.kernels().embedding(tokens, bench.device(table, stored), out, false);
                stored.tolerance(Tolerance.FLOAT32).check(what, bench.read(out), looked);
                bench.kernels().embedding(tokens, bench.device(table, stored), out, true);
                stored.tolerance(Tolerance.FLOAT32)
                        .check(what + " added", bench.read(out), ReferenceKernels.plus(looked, looked));

                double[][] expected = random.normal(VOCABULARY, columns);
                Tensor tableGradient = bench.device(expected, stored.placing());
                bench.kernels().embeddingBackward(tokens, bench.device(looked, stored), tableGradient);
                for (int token = 0; token < rows; token++) {
                    for (int column = 0; column < columns && indices[token] >= 0; column++) {
                        expected[indices[token]][column] += looked[token][column];
                    }
                }
                Tolerance.FLOAT32.check(what + " backward", bench.read(tableGradient), expected);
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
    void parts_of_a_vocabulary_together_give_the_cross_entropy_of_the_whole(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                // Two parts, the second one behind the columns of the first.
                double[][] x = stored.rounded(random.normal(rows, columns + 5, 5));
                int[] labels = random.integers(rows, columns + 5);
                for (int row = rows / 2; row < rows; row += 3) {
                    labels[row] = Kernels.NO_LABEL;
                }
                double[] weights = random.normalRow(rows, 1);
                ReferenceKernels.CrossEntropy expected = ReferenceKernels.crossEntropy(x, labels, weights);
                double[] total = new double[rows];
                for (int row = 0; row < rows; row++) {
                    total[row] = ReferenceKernels.logSumExp(x[row]);
                }
                Tensor logSumExp = bench.row(total, stored.placing());
                Tensor scales = bench.row(weights, stored.placing());
                double[] sums = new double[rows];
                double[] labelLogits = new double[rows];
                for (int from : new int[] {0, columns}) {
                    int to = from == 0 ? columns : columns + 5;
                    double[][] part = columns(x, from, to);
                    Tensor logits = bench.device(part, stored);
                    Tensor wanted = bench.integers(within(labels, from, to), stored.placing());
                    Tensor statistics = bench.undefined(3, rows, stored.placing());
                    bench.kernels().crossEntropyPart(logits, wanted, statistics);
                    double[][] found = bench.read(statistics);
                    for (int row = 0; row < rows; row++) {
                        sums[row] += found[1][row] * Math.exp(found[0][row]);
                        labelLogits[row] += found[2][row];
                    }
                    Tolerance.FLOAT32.check(what + " logits untouched", bench.read(logits), part);
                    for (Tensor gradient : new Tensor[] {bench.undefined(rows, to - from, stored), logits}) {
                        bench.kernels().crossEntropyPartGradient(logits, wanted, scales, logSumExp, gradient);
                        stored.tolerance(Tolerance.FLOAT32_SUMS)
                                .check(
                                        what + " gradient",
                                        bench.read(gradient),
                                        columns(expected.gradient(), from, to));
                    }
                }
                double[] losses = new double[rows];
                for (int row = 0; row < rows; row++) {
                    losses[row] = labels[row] < 0 ? 0 : Math.log(sums[row]) - labelLogits[row];
                }
                Tolerance.FLOAT32_SUMS.check(what + " losses", losses, expected.losses());
            });
        }
    }

    private static double[][] columns(double[][] in, int from, int to) {
        return Arrays.stream(in).map(row -> Arrays.copyOfRange(row, from, to)).toArray(double[][]::new);
    }

    /** Labels counted within a part. */
    private static int[] within(int[] labels, int from, int to) {
        return Arrays.stream(labels)
                .map(label -> label < 0
                        ? Kernels.NO_LABEL
                        : label >= from && label < to ? label - from : Kernels.LABEL_ELSEWHERE)
                .toArray();
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
