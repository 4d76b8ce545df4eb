package io.longstrand.backend;

import io.longstrand.tensor.Tensor;

class NormKernelTest {
    private static final float EPSILON = 1e-5f;

    private final RandomMatrices random = new RandomMatrices(3);

    @EveryBackend
    void layer_norm_equals_float64_also_in_place(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, placing, what) -> {
                double[][] x = shifted(rows, columns);
                double[] g = random.normalRow(columns, 1);
                double[] b = random.normalRow(columns, 1);
                ReferenceKernels.Norm expected = ReferenceKernels.layerNorm(x, g, b, EPSILON);
                Tensor in = bench.device(x, placing);
                Tensor gain = bench.row(g, placing);
                Tensor bias = bench.row(b, placing);
                for (Tensor out : new Tensor[] {bench.undefined(rows, columns, placing), in}) {
                    Tensor mean = bench.undefined(1, rows, placing);
                    Tensor inverseDeviation = bench.undefined(1, rows, placing);
                    bench.kernels().layerNorm(in, gain, bias, EPSILON, out, mean, inverseDeviation);
                    Tolerance.FLOAT32_SUMS.check(what, bench.read(out), expected.out());
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
            Shapes.each((rows, columns, placing, what) -> {
                double[][] x = shifted(rows, columns);
                double[] g = random.normalRow(columns, 1);
                double[][] d = random.normal(rows, columns);
                double[][] inBefore = random.normal(rows, columns);
                double[] gainBefore = random.normalRow(columns, 1);
                double[] biasBefore = random.normalRow(columns, 1);
                ReferenceKernels.Norm norm = ReferenceKernels.layerNorm(x, g, new double[columns], EPSILON);
                ReferenceKernels.NormGradient expected = ReferenceKernels.layerNormBackward(d, x, g, EPSILON);
                Tensor inGradient = bench.device(inBefore, placing);
                Tensor gainGradient = bench.row(gainBefore, placing);
                Tensor biasGradient = bench.row(biasBefore, placing);

                bench.kernels()
                        .layerNormBackward(
                                bench.device(d, placing),
                                bench.device(x, placing),
                                bench.row(g, placing),
                                bench.row(norm.mean(), placing),
                                bench.row(norm.inverseDeviation(), placing),
                                inGradient,
                                gainGradient,
                                biasGradient);

                // A row of one column is all mean: its true gradient is 0 and float32 leaves what cancellation leaves.
                Tolerance tolerance = columns == 1 ? new Tolerance(1e-3) : Tolerance.FLOAT32_SUMS;
                tolerance.check(what + " in", bench.read(inGradient), ReferenceKernels.plus(inBefore, expected.in()));
                tolerance.check(what + " gain", bench.readRow(gainGradient), sum(gainBefore, expected.gain()));
                tolerance.check(what + " bias", bench.readRow(biasGradient), sum(biasBefore, expected.bias()));
            });
        }
    }

    @EveryBackend
    void rms_norm_equals_float64_also_in_place(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, placing, what) -> {
                double[][] x = shifted(rows, columns);
                double[] g = random.normalRow(columns, 1);
                ReferenceKernels.Norm expected = ReferenceKernels.rmsNorm(x, g, EPSILON);
                Tensor in = bench.device(x, placing);
                Tensor gain = bench.row(g, placing);
                for (Tensor out : new Tensor[] {bench.undefined(rows, columns, placing), in}) {
                    Tensor inverseRoot = bench.undefined(1, rows, placing);
                    bench.kernels().rmsNorm(in, gain, EPSILON, out, inverseRoot);
                    Tolerance.FLOAT32.check(what, bench.read(out), expected.out());
                    Tolerance.FLOAT32.check(what + " root", bench.readRow(inverseRoot), expected.inverseDeviation());
                }
            });
        }
    }

    @EveryBackend
    void rms_norm_backward_adds_the_float64_gradients(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, placing, what) -> {
                double[][] x = shifted(rows, columns);
                double[] g = random.normalRow(columns, 1);
                double[][] d = random.normal(rows, columns);
                double[][] inBefore = random.normal(rows, columns);
                double[] gainBefore = random.normalRow(columns, 1);
                ReferenceKernels.Norm norm = ReferenceKernels.rmsNorm(x, g, EPSILON);
                ReferenceKernels.NormGradient expected = ReferenceKernels.rmsNormBackward(d, x, g, EPSILON);
                Tensor inGradient = bench.device(inBefore, placing);
                Tensor gainGradient = bench.row(gainBefore, placing);

                bench.kernels()
                        .rmsNormBackward(
                                bench.device(d, placing),
                                bench.device(x, placing),
                                bench.row(g, placing),
                                bench.row(norm.inverseDeviation(), placing),
                                inGradient,
                                gainGradient);

                Tolerance.FLOAT32_SUMS.check(
                        what + " in", bench.read(inGradient), ReferenceKernels.plus(inBefore, expected.in()));
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
