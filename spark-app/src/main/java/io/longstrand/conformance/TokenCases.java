package io.longstrand.conformance;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/** Kernels that look things up by token: embedding and rotary positions. */
final class TokenCases {
    private static final int VOCABULARY = 13;

    private TokenCases() {}

    static List<KernelCase> all() {
        return List.of(
                new KernelCase("embedding", "copies or adds rows of the table", TokenCases::embedding),
                new KernelCase(
                        "embeddingBackward", "adds the gradients of repeated tokens", TokenCases::embeddingBackward),
                new KernelCase("embedding", "takes an index that names no row for zeros", TokenCases::absentRows),
                new KernelCase("rotary", "turns heads by positions in any order, and back", TokenCases::rotary));
    }

    private static void embedding(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] table = stored.rounded(bench.random().normal(VOCABULARY, columns));
            int[] indices = bench.random().integers(rows, VOCABULARY);
            double[][] looked = IntStream.of(indices).mapToObj(i -> table[i]).toArray(double[][]::new);
            Tensor out = bench.undefined(rows, columns, stored);
            Tensor tokens = bench.integers(indices, stored.placing());

            bench.kernels().embedding(tokens, bench.device(table, stored), out, false);
            bench.check(stored.tolerance(Tolerance.FLOAT32), what, bench.read(out), looked);
            bench.kernels().embedding(tokens, bench.device(table, stored), out, true);
            bench.check(
                    stored.tolerance(Tolerance.FLOAT32),
                    what + " added",
                    bench.read(out),
                    ReferenceKernels.plus(looked, looked));
        });
    }

    private static void embeddingBackward(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] expected = bench.random().normal(VOCABULARY, columns);
            Tensor tableGradient = bench.device(expected, stored.placing());
            int[] indices = bench.random().integers(rows, VOCABULARY);
            double[][] outGradient = stored.rounded(bench.random().normal(rows, columns));

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
            bench.check(Tolerance.ofSums(rows), what, bench.read(tableGradient), expected);
        });
    }

    private static void absentRows(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] table = stored.rounded(bench.random().normal(VOCABULARY, columns));
            int[] indices = bench.random().integers(rows, VOCABULARY);
            for (int row = 0; row < rows; row += 2) {
                indices[row] = Kernels.NO_ENTRY;
            }
            double[][] looked = IntStream.of(indices)
                    .mapToObj(i -> i == Kernels.NO_ENTRY ? new double[columns] : table[i])
                    .toArray(double[][]::new);
            Tensor out = bench.undefined(rows, columns, stored);
            Tensor tokens = bench.integers(indices, stored.placing());

            bench.kernels().embedding(tokens, bench.device(table, stored), out, false);
            bench.check(stored.tolerance(Tolerance.FLOAT32), what, bench.read(out), looked);
            bench.kernels().embedding(tokens, bench.device(table, stored), out, true);
            bench.check(
                    stored.tolerance(Tolerance.FLOAT32),
                    what + " added",
                    bench.read(out),
                    ReferenceKernels.plus(looked, looked));

            double[][] expected = bench.random().normal(VOCABULARY, columns);
            Tensor tableGradient = bench.device(expected, stored.placing());
            bench.kernels().embeddingBackward(tokens, bench.device(looked, stored), tableGradient);
            for (int token = 0; token < rows; token++) {
                for (int column = 0; column < columns && indices[token] >= 0; column++) {
                    expected[indices[token]][column] += looked[token][column];
                }
            }
            bench.check(Tolerance.ofSums(rows), what + " backward", bench.read(tableGradient), expected);
        });
    }

    private static void rotary(Workbench bench) {
        for (Sizes.Shape large : bench.large()) {
            for (DataType type : List.of(DataType.FLOAT32, DataType.BFLOAT16)) {
                rotate(bench, new Stored(Placing.CONTIGUOUS, type), large.rows(), 64, large.columns() / 64);
                bench.clear();
            }
        }
        for (Stored stored : Stored.ways()) {
            for (int headSize : new int[] {2, 6, 32, 64, 100}) {
                for (int heads : new int[] {1, 3}) {
                    rotate(bench, stored, 29, headSize, heads);
                }
            }
        }
    }

    private static void rotate(Workbench bench, Stored stored, int tokens, int headSize, int heads) {
        int positions = 50;
        double[][] x = stored.rounded(bench.random().normal(tokens, heads * headSize));
        double[][] angles = bench.random().normal(positions, headSize / 2, 3);
        double[][] cosines = Matrices.map(angles, angle -> (float) Math.cos(angle));
        double[][] sines = Matrices.map(angles, angle -> (float) Math.sin(angle));
        int[] order = bench.random().integers(tokens, positions); // not ascending, some repeated
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
        bench.check(tolerance, what, turned, ReferenceKernels.rotary(x, headSize, order, cosines, sines, false));

        bench.kernels()
                .rotary(inOut, headSize, bench.integers(order), bench.device(cosines), bench.device(sines), true);
        bench.check(
                tolerance,
                what + " back",
                bench.read(inOut),
                ReferenceKernels.rotary(turned, headSize, order, cosines, sines, true));
    }
}
