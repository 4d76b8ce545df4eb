package io.longstrand.backend;

import io.longstrand.tensor.Activation;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.OperandPacking;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

class MatrixProductTest {
    // (m, n, k): tails in every dimension, vectors, and sizes around cache and vector blocks.
    private static final int[][] SIZES = {
        {1, 1, 1}, {1, 7, 31}, {5, 1, 64}, {31, 100, 1}, {64, 64, 64}, {66, 257, 100}, {129, 31, 257}, {256, 512, 64}
    };

    private final RandomMatrices random = new RandomMatrices(1);

    @EveryBackend
    void product_equals_float64_for_every_transposition_and_placing(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (int[] size : SIZES) {
                for (Placing placing : Placing.values()) {
                    for (int transposed = 0; transposed < 4; transposed++) {
                        multiply(bench, size, placing, (transposed & 1) != 0, (transposed & 2) != 0);
                    }
                }
            }
        }
    }

    private void multiply(Workbench bench, int[] size, Placing placing, boolean transposeLeft, boolean transposeRight) {
        int m = size[0];
        int n = size[1];
        int k = size[2];
        double[][] left = transposeLeft ? random.normal(k, m) : random.normal(m, k);
        double[][] right = transposeRight ? random.normal(n, k) : random.normal(k, n);
        double[][] expected = ReferenceKernels.matmul(left, transposeLeft, right, transposeRight);
        Tensor out = bench.undefined(m, n, placing);
        MatrixProduct product = new MatrixProduct(
                bench.device(left, placing),
                transposeLeft,
                bench.device(right, placing),
                transposeRight,
                false,
                out,
                false,
                Optional.empty(),
                Activation.NONE);
        String what = m + " × " + n + " × " + k + " " + placing + " " + transposeLeft + " " + transposeRight;

        bench.kernels().matmul(product);
        Tolerance.FLOAT32_SUMS.check(what, bench.read(out), expected);

        bench.kernels().matmul(product.accumulating());
        Tolerance.FLOAT32_SUMS.check(what + " added", bench.read(out), ReferenceKernels.plus(expected, expected));
    }

    @EveryBackend
    void a_right_operand_packed_once_gives_the_same_product(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (int[] size : SIZES) {
                bench.kernels().packing().ifPresent(packing -> {
                    multiplyPacked(bench, packing, size, false);
                    multiplyPacked(bench, packing, size, true);
                });
            }
        }
    }

    private void multiplyPacked(Workbench bench, OperandPacking packing, int[] size, boolean transposed) {
        int m = size[0];
        int n = size[1];
        int k = size[2];
        double[][] left = random.normal(m, k);
        double[][] right = transposed ? random.normal(n, k) : random.normal(k, n);
        double[][] expected = ReferenceKernels.matmul(left, false, right, transposed);
        Tensor out = bench.undefined(m, n, Placing.VIEW);
        Tensor room = bench.undefined(1, Math.toIntExact(MatrixProduct.packedElements(k, n)), Placing.CONTIGUOUS);
        Tensor panel = room.columns(0, (long) k * n).reshape(k, n);
        String what = m + " × " + n + " × " + k + " packed, transposed " + transposed;

        packing.packRight(bench.device(right, Placing.VIEW), transposed, panel);
        MatrixProduct product = MatrixProduct.withRightPacked(bench.device(left, Placing.VIEW), panel, out);
        bench.kernels().matmul(product);
        Tolerance.FLOAT32_SUMS.check(what, bench.read(out), expected);

        bench.kernels().matmul(product.accumulating());
        Tolerance.FLOAT32_SUMS.check(what + " added", bench.read(out), ReferenceKernels.plus(expected, expected));
    }

    @EveryBackend
    void bias_and_activation_are_applied_to_the_product(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (int[] size : SIZES) {
                for (Placing placing : Placing.values()) {
                    int m = size[0];
                    int n = size[1];
                    double[][] left = random.normal(m, size[2], 0.3);
                    double[][] right = random.normal(size[2], n, 0.3);
                    double[] bias = random.normalRow(n, 1);
                    Tensor out = bench.undefined(m, n, placing);
                    MatrixProduct product =
                            MatrixProduct.of(bench.device(left, placing), bench.device(right, placing), out);
                    double[][] expected =
                            ReferenceKernels.plusRow(ReferenceKernels.matmul(left, false, right, false), bias);
                    String what = m + " × " + n + " × " + size[2] + " " + placing;

                    bench.kernels().matmul(product.plus(bench.row(bias, placing)));
                    Tolerance.FLOAT32_SUMS.check(what + " with bias", bench.read(out), expected);

                    bench.kernels()
                            .matmul(product.plus(bench.row(bias, placing)).then(Activation.GELU));
                    Tolerance.FLOAT32_SUMS.check(what + " with bias and gelu", bench.read(out), gelu(expected));
                }
            }
        }
    }

    @EveryBackend
    void activation_without_bias_is_applied(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            double[][] left = random.normal(33, 65, 0.3);
            double[][] right = random.normal(65, 31, 0.3);
            Tensor out = bench.undefined(33, 31, Placing.VIEW);

            bench.kernels()
                    .matmul(MatrixProduct.of(bench.device(left), bench.device(right), out)
                            .then(Activation.GELU));

            Tolerance.FLOAT32_SUMS.check(
                    "gelu", bench.read(out), gelu(ReferenceKernels.matmul(left, false, right, false)));
        }
    }

    private static double[][] gelu(double[][] in) {
        return RowwiseKernelTest.map(in, ReferenceKernels::gelu);
    }
}
