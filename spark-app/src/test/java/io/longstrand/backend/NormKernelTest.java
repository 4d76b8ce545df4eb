package io.longstrand.backend;

import io.longstrand.tensor.Tensor;

class NormKernelTest {
    private static final float EPSILON = 1e-5f;

    private final RandomMatrices random = new RandomMatrices(3);

    @EveryBackend
    void layer_norm_equals_float64_also_in_place(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] x = stored.rounded(shifted(rows, columns));
                double[] g = stored.rounded(random.normalRow(columns, 1));
                double[] b = stored.rounded(random.normalRow(columns, 1));
                ReferenceKernels.Norm expected = ReferenceKernels.layerNorm(x, g, b, EPSILON);
                Tensor in = bench.device(x, stored);
                Tensor gain = bench.row(g, stored);
                Tensor bias = bench.row(b, stored);
                for (Tensor out : new Tensor[] {bench.undefined(rows, columns, stored), in}) {
                    Tensor mean = bench.undefined(1, rows, stored.placing());
                    Tensor inverseDeviation = bench.undefined(1, rows, stored.placing());
                    bench.kernels().layerNorm(in, gain, bias, EPSILON, out, mean, inverseDeviation);
                    stored.tolerance(Tolerance.FLOAT32_SUMS).check(what, bench.read(out), expected.out());
                    Tolerance.FLOAT32.check(what + " mean", bench.readRow(mean), expected.mean());
                    Tolerance.FLOAT32_SUMS.check(
                            what + " deviation", bench.readRow(inverseDeviation), expected.inverseDeviation());
                }
            });
        }
    }

    @EveryBackend
    void layer_norm_backward_adds_the_float64_gradients(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] x = stored.rounded(shifted(rows, columns));
                double[] g = stored.rounded(random.normalRow(columns, 1));
                double[][] d = stored.rounded(random.normal(rows, columns));
                double[][] inBefore = stored.rounded(random.normal(rows, columns));
                double[] gainBefore = random.normalRow(columns, 1);
                double[] biasBefore = random.normalRow(columns, 1);
                ReferenceKernels.Norm norm = ReferenceKernels.layerNorm(x, g, new double[columns], EPSILON);
                ReferenceKernels.NormGradient expected = ReferenceKernels.layerNormBackward(d, x, g, EPSILON);
                Tensor inGradient = bench.device(inBefore, stored);
                Tensor gainGradient = bench.row(gainBefore, stored.placing());
                Tensor biasGradient = bench.row(biasBefore, stored.placing());

                bench.kernels()
                        .layerNormBackward(
                                bench.device(d, stored),
                                bench.device(x, stored),
                                bench.row(g, stored),
                                bench.row(norm.mean(), stored.placing()),
                                bench.row(norm.inverseDeviation(), stored.placing()),
                                inGradient,
                                gainGradient,
                                biasGradient);

                // A row of one column is all mean: its true gradient is 0 and float32 leaves what cancellation leaves.
                Tolerance tolerance = columns == 1 ? new Tolerance(1e-3) : Tolerance.FLOAT32_SUMS;
                stored.tolerance(tolerance)
                        .check(what + " in", bench.read(inGradient), ReferenceKernels.plus(inBefore, expected.in()));
                tolerance.check(what + " gain", bench.readRow(gainGradient), sum(gainBefore, expected.gain()));
                tolerance.check(what + " bias", bench.readRow(biasGradient), sum(biasBefore, expected.bias()));
            });
        }
    }

    @EveryBackend
    void rms_norm_equals_float64_also_in_place(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] x = stored.rounded(shifted(rows, columns));
                double[] g = stored.rounded(random.normalRow(columns, 1));
                ReferenceKernels.Norm expected = ReferenceKernels.rmsNorm(x, g, EPSILON);
                Tensor in = bench.device(x, stored);
                Tensor gain = bench.row(g, stored);
                for (Tensor out : new Tensor[] {bench.undefined(rows, columns, stored), in}) {
                    Tensor inverseRoot = bench.undefined(1, rows, stored.placing());
                    bench.kernels().rmsNorm(in, gain, EPSILON, out, inverseRoot);
                    stored.tolerance(Tolerance.FLOAT32).check(what, bench.read(out), expected.out());
                    Tolerance.FLOAT32.check(what + " root", bench.readRow(inverseRoot), expected.inverseDeviation());
                }
            });
        }
    }

    @EveryBackend
    void rms_norm_backward_adds_the_float64_gradients(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] x = stored.rounded(shifted(rows, columns));
                double[] g = stored.rounded(random.normalRow(columns, 1));
                double[][] d = stored.rounded(random.normal(rows, columns));
                double[][] inBefore = stored.rounded(random.normal(rows, columns));
                double[] gainBefore = random.normalRow(columns, 1);
                ReferenceKernels.Norm norm = ReferenceKernels.rmsNorm(x, g, EPSILON);
                ReferenceKernels.NormGradient expected = ReferenceKernels.rmsNormBackward(d, x, g, EPSILON);
                Tensor inGradient = bench.device(inBefore, stored);
                Tensor gainGradient = bench.row(gainBefore, stored.placing());

                bench.kernels()
                        .rmsNormBackward(
                                bench.device(d, stored),
                                bench.device(x, stored),
                                bench.row(g, stored),
                                bench.row(norm.inverseDeviation(), stored.placing()),
                                inGradient,
                                gainGradient);

                stored.tolerance(Tolerance.FLOAT32_SUMS)
                        .check(what + " in", bench.read(inGradient), ReferenceKernels.plus(inBefore, expected.in()));
                Tolerance.FLOAT32_SUMS.check(
                        what + " gain", bench.readRow(gainGradient), sum(gainBefore, expected.gain()));
            });
        }
    }

    /** Rows whose mean is not 0, as those of a residual stream. */
    private double[][] shifted(int rows, int columns) {
        return RowwiseKernelTest.map(random.normal(rows, columns, 2), x -> (float) (x + 0.75));
    }

    private static double[] sum(double[] left, double[] right) {
        return ReferenceKernels.plusRow(new double[][] {left}, right)[0];
    }
}
