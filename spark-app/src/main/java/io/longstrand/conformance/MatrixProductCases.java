package io.longstrand.conformance;

import io.longstrand.tensor.Activation;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.OperandPacking;
import io.longstrand.tensor.Tensor;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Matrix products, with all that may be applied to them. */
final class MatrixProductCases {
    /** Of large products one row in so many is compared. */
    private static final int LOOKED_AT = 61;

    // (m, n, k): tails in every dimension, vectors, and sizes around cache and vector blocks.
    private static final int[][] SIZES = {
        {1, 1, 1}, {1, 7, 31}, {5, 1, 64}, {31, 100, 1}, {64, 64, 64}, {66, 257, 100}, {129, 31, 257}, {256, 512, 64}
    };

    private MatrixProductCases() {}

    static List<KernelCase> all() {
        return List.of(
                new KernelCase(
                        "matmul",
                        "equals float64 for every transposition and placing, also added",
                        MatrixProductCases::products),
                new KernelCase("matmul", "of training's size equals float64", MatrixProductCases::largeProducts),
                new KernelCase("matmul", "applies bias and activation", MatrixProductCases::biasAndActivation),
                new KernelCase("matmul", "applies an activation without bias", MatrixProductCases::activationAlone),
                new KernelCase("packRight", "packs once what multiplies the same", MatrixProductCases::packed));
    }

    private static void products(Workbench bench) {
        for (int[] size : SIZES) {
            for (Stored stored : Stored.ways()) {
                for (int transposed = 0; transposed < 4; transposed++) {
                    for (DataType out : EnumSet.of(DataType.FLOAT32, stored.type())) {
                        multiply(bench, size, stored, out, (transposed & 1) != 0, (transposed & 2) != 0);
                    }
                }
            }
        }
    }

    private static void multiply(
            Workbench bench, int[] size, Stored stored, DataType type, boolean transposeLeft, boolean transposeRight) {
        int m = size[0];
        int n = size[1];
        int k = size[2];
        double[][] left = stored.rounded(
                transposeLeft ? bench.random().normal(k, m) : bench.random().normal(m, k));
        double[][] right = stored.rounded(
                transposeRight ? bench.random().normal(n, k) : bench.random().normal(k, n));
        double[][] expected = ReferenceKernels.matmul(left, transposeLeft, right, transposeRight);
        Stored result = new Stored(stored.placing(), type);
        Tensor out = bench.undefined(m, n, result);
        MatrixProduct product = new MatrixProduct(
                bench.device(left, stored),
                transposeLeft,
                bench.device(right, stored),
                transposeRight,
                false,
                out,
                false,
                Optional.empty(),
                Activation.NONE);
        String what = m + " × " + n + " × " + k + " " + stored + " into " + type + ", transposed " + transposeLeft + " "
                + transposeRight;
        Tolerance tolerance = result.tolerance(Tolerance.FLOAT32_SUMS);

        bench.kernels().matmul(product);
        double[][] before = bench.read(out);
        bench.check(tolerance, what, before, expected);

        bench.kernels().matmul(product.accumulating());
        bench.check(tolerance, what + " added", bench.read(out), ReferenceKernels.plus(before, expected));
    }

    /** Weights lie transposed. Of so many rows some are held to the reference, which takes its time. */
    private static void largeProducts(Workbench bench) {
        for (Sizes.Shape large : bench.large()) {
            for (Stored stored : Stored.ways()) {
                for (DataType type : EnumSet.of(DataType.FLOAT32, stored.type())) {
                    if (stored.placing() == Placing.CONTIGUOUS) {
                        multiplyLarge(bench, large, stored, new Stored(Placing.CONTIGUOUS, type));
                        bench.clear();
                    }
                }
            }
        }
    }

    private static void multiplyLarge(Workbench bench, Sizes.Shape large, Stored stored, Stored result) {
        int k = large.columns();
        double[][] left = stored.rounded(bench.random().normal(large.rows(), k));
        double[][] right = stored.rounded(bench.random().normal(k, k));
        Tensor out = bench.undefined(large.rows(), k, result);
        bench.kernels()
                .matmul(MatrixProduct.withRightTransposed(
                        bench.device(left, stored), bench.device(right, stored), out));
        bench.check(
                result.tolerance(Tolerance.FLOAT32_SUMS),
                large.rows() + " × " + k + " × " + k + " " + stored + " into " + result.type(),
                someRows(bench.read(out)),
                ReferenceKernels.matmul(someRows(left), false, right, true));
    }

    private static double[][] someRows(double[][] all) {
        return IntStream.iterate(0, row -> row < all.length, row -> row + LOOKED_AT)
                .mapToObj(row -> all[row])
                .toArray(double[][]::new);
    }

    private static void packed(Workbench bench) {
        for (int[] size : SIZES) {
            bench.kernels().packing().ifPresent(packing -> {
                multiplyPacked(bench, packing, size, false);
                multiplyPacked(bench, packing, size, true);
            });
        }
    }

    private static void multiplyPacked(Workbench bench, OperandPacking packing, int[] size, boolean transposed) {
        int m = size[0];
        int n = size[1];
        int k = size[2];
        double[][] left = bench.random().normal(m, k);
        double[][] right =
                transposed ? bench.random().normal(n, k) : bench.random().normal(k, n);
        double[][] expected = ReferenceKernels.matmul(left, false, right, transposed);
        Tensor out = bench.undefined(m, n, Placing.VIEW);
        Tensor room = bench.undefined(1, Math.toIntExact(MatrixProduct.packedElements(k, n)), Placing.CONTIGUOUS);
        Tensor panel = room.columns(0, (long) k * n).reshape(k, n);
        String what = m + " × " + n + " × " + k + " packed, transposed " + transposed;

        packing.packRight(bench.device(right, Placing.VIEW), transposed, panel);
        MatrixProduct product = MatrixProduct.withRightPacked(bench.device(left, Placing.VIEW), panel, out);
        bench.kernels().matmul(product);
        bench.check(Tolerance.FLOAT32_SUMS, what, bench.read(out), expected);

        bench.kernels().matmul(product.accumulating());
        bench.check(
                Tolerance.FLOAT32_SUMS, what + " added", bench.read(out), ReferenceKernels.plus(expected, expected));
    }

    private static void biasAndActivation(Workbench bench) {
        for (int[] size : SIZES) {
            for (Placing placing : Placing.values()) {
                int m = size[0];
                int n = size[1];
                double[][] left = bench.random().normal(m, size[2], 0.3);
                double[][] right = bench.random().normal(size[2], n, 0.3);
                double[] bias = bench.random().normalRow(n, 1);
                Tensor out = bench.undefined(m, n, placing);
                MatrixProduct product =
                        MatrixProduct.of(bench.device(left, placing), bench.device(right, placing), out);
                double[][] expected =
                        ReferenceKernels.plusRow(ReferenceKernels.matmul(left, false, right, false), bias);
                String what = m + " × " + n + " × " + size[2] + " " + placing;

                bench.kernels().matmul(product.plus(bench.row(bias, placing)));
                bench.check(Tolerance.FLOAT32_SUMS, what + " with bias", bench.read(out), expected);

                bench.kernels().matmul(product.plus(bench.row(bias, placing)).then(Activation.GELU));
                bench.check(Tolerance.FLOAT32_SUMS, what + " with bias and gelu", bench.read(out), gelu(expected));
            }
        }
    }

    private static void activationAlone(Workbench bench) {
        double[][] left = bench.random().normal(33, 65, 0.3);
        double[][] right = bench.random().normal(65, 31, 0.3);
        Tensor out = bench.undefined(33, 31, Placing.VIEW);

        bench.kernels()
                .matmul(MatrixProduct.of(bench.device(left), bench.device(right), out)
                        .then(Activation.GELU));

        bench.check(
                Tolerance.FLOAT32_SUMS,
                "gelu",
                bench.read(out),
                gelu(ReferenceKernels.matmul(left, false, right, false)));
    }

    private static double[][] gelu(double[][] in) {
        return Matrices.map(in, ReferenceKernels::gelu);
    }
}
