package io.longstrand.conformance;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Cross-entropy over a vocabulary and over parts of one. */
final class CrossEntropyCases {
    private CrossEntropyCases() {}

    static List<KernelCase> all() {
        return List.of(
                new KernelCase(
                        "crossEntropy",
                        "equals float64 and ignores rows without label",
                        CrossEntropyCases::wholeVocabulary),
                new KernelCase("crossEntropy", "survives logits far from zero", CrossEntropyCases::farLogits),
                new KernelCase(
                        "crossEntropyPart", "of all parts gives the losses of the whole", CrossEntropyCases::parts),
                new KernelCase(
                        "crossEntropyPartGradient",
                        "of all parts is the gradient of the whole",
                        CrossEntropyCases::partGradients));
    }

    private static void wholeVocabulary(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(bench.random().normal(rows, columns, 5));
            int[] labels = bench.random().integers(rows, columns);
            for (int row = rows / 2; row < rows; row += 3) {
                labels[row] = -1;
            }
            double[] weights = bench.random().normalRow(rows, 1);
            ReferenceKernels.CrossEntropy expected = ReferenceKernels.crossEntropy(x, labels, weights);
            Tensor logits = bench.device(x, stored);
            Tensor wanted = bench.integers(labels, stored.placing());
            Tensor scales = bench.row(weights, stored.placing());

            Tensor losses = bench.undefined(1, rows, stored.placing());
            bench.kernels().crossEntropy(logits, wanted, scales, losses, Optional.empty());
            bench.check(Tolerance.FLOAT32, what + " loss alone", bench.readRow(losses), expected.losses());
            bench.check(Tolerance.FLOAT32, what + " logits untouched", bench.read(logits), x);

            for (Tensor gradient : new Tensor[] {bench.undefined(rows, columns, stored), logits}) {
                losses = bench.undefined(1, rows, stored.placing());
                bench.kernels().crossEntropy(logits, wanted, scales, losses, Optional.of(gradient));
                bench.check(Tolerance.FLOAT32, what + " losses", bench.readRow(losses), expected.losses());
                bench.check(
                        stored.tolerance(Tolerance.FLOAT32_SUMS),
                        what + " gradient",
                        bench.read(gradient),
                        expected.gradient());
            }
        });
    }

    private static void parts(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            // Two parts, the second one behind the columns of the first.
            double[][] x = stored.rounded(bench.random().normal(rows, columns + 5, 5));
            int[] labels = bench.random().integers(rows, columns + 5);
            for (int row = rows / 2; row < rows; row += 3) {
                labels[row] = Kernels.NO_LABEL;
            }
            double[] expected =
                    ReferenceKernels.crossEntropy(x, labels, new double[rows]).losses();
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
                bench.check(Tolerance.FLOAT32, what + " logits untouched", bench.read(logits), part);
            }
            double[] losses = new double[rows];
            for (int row = 0; row < rows; row++) {
                losses[row] = labels[row] < 0 ? 0 : Math.log(sums[row]) - labelLogits[row];
            }
            bench.check(Tolerance.FLOAT32_SUMS, what + " losses", losses, expected);
        });
    }

    private static void partGradients(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(bench.random().normal(rows, columns + 5, 5));
            int[] labels = bench.random().integers(rows, columns + 5);
            for (int row = rows / 2; row < rows; row += 3) {
                labels[row] = Kernels.NO_LABEL;
            }
            double[] weights = bench.random().normalRow(rows, 1);
            double[][] expected =
                    ReferenceKernels.crossEntropy(x, labels, weights).gradient();
            Tensor logSumExp = bench.row(
                    Arrays.stream(x).mapToDouble(ReferenceKernels::logSumExp).toArray(), stored.placing());
            Tensor scales = bench.row(weights, stored.placing());
            for (int from : new int[] {0, columns}) {
                int to = from == 0 ? columns : columns + 5;
                Tensor logits = bench.device(columns(x, from, to), stored);
                Tensor wanted = bench.integers(within(labels, from, to), stored.placing());
                for (Tensor gradient : new Tensor[] {bench.undefined(rows, to - from, stored), logits}) {
                    bench.kernels().crossEntropyPartGradient(logits, wanted, scales, logSumExp, gradient);
                    bench.check(
                            stored.tolerance(Tolerance.FLOAT32_SUMS),
                            what,
                            bench.read(gradient),
                            columns(expected, from, to));
                }
            }
        });
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

    private static void farLogits(Workbench bench) {
        double[][] x = {{1000, 0, -1000}, {-500, -500, -501}, {0, 300, 301}};
        int[] labels = {2, 0, 1};
        double[] weights = {1, 1, 1};
        ReferenceKernels.CrossEntropy expected = ReferenceKernels.crossEntropy(x, labels, weights);
        Tensor logits = bench.device(x);
        Tensor losses = bench.undefined(1, 3, Placing.CONTIGUOUS);

        bench.kernels().crossEntropy(logits, bench.integers(labels), bench.row(weights), losses, Optional.of(logits));

        bench.check(Tolerance.FLOAT32, "losses", bench.readRow(losses), expected.losses());
        bench.check(Tolerance.FLOAT32_SUMS, "gradient", bench.read(logits), expected.gradient());
    }
}
