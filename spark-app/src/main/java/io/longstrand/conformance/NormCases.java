package io.longstrand.conformance;

import io.longstrand.tensor.Tensor;
import java.util.List;

/** Layer norm and RMS norm, forward and backward. */
final class NormCases {
    private static final float EPSILON = 1e-5f;

    private NormCases() {}

    static List<KernelCase> all() {
        return List.of(
                new KernelCase("layerNorm", "equals float64, also in place", NormCases::layerNorm),
                new KernelCase("layerNormBackward", "adds the float64 gradients", NormCases::layerNormBackward),
                new KernelCase("rmsNorm", "equals float64, also in place", NormCases::rmsNorm),
                new KernelCase("rmsNormBackward", "adds the float64 gradients", NormCases::rmsNormBackward));
    }

    private static void layerNorm(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(shifted(bench, rows, columns));
            double[] g = stored.rounded(bench.random().normalRow(columns, 1));
            double[] b = stored.rounded(bench.random().normalRow(columns, 1));
            ReferenceKernels.Norm expected = ReferenceKernels.layerNorm(x, g, b, EPSILON);
            Tensor in = bench.device(x, stored);
            Tensor gain = bench.row(g, stored);
            Tensor bias = bench.row(b, stored);
            for (Tensor out : new Tensor[] {bench.undefined(rows, columns, stored), in}) {
                Tensor mean = bench.undefined(1, rows, stored.placing());
                Tensor inverseDeviation = bench.undefined(1, rows, stored.placing());
                bench.kernels().layerNorm(in, gain, bias, EPSILON, out, mean, inverseDeviation);
                bench.check(stored.tolerance(Tolerance.FLOAT32_SUMS), what, bench.read(out), expected.out());
                bench.check(Tolerance.FLOAT32, what + " mean", bench.readRow(mean), expected.mean());
                bench.check(
                        Tolerance.FLOAT32_SUMS,
                        what + " deviation",
                        bench.readRow(inverseDeviation),
                        expected.inverseDeviation());
            }
        });
    }

    private static void layerNormBackward(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(shifted(bench, rows, columns));
            double[] g = stored.rounded(bench.random().normalRow(columns, 1));
            double[][] d = stored.rounded(bench.random().normal(rows, columns));
            double[][] inBefore = stored.rounded(bench.random().normal(rows, columns));
            double[] gainBefore = bench.random().normalRow(columns, 1);
            double[] biasBefore = bench.random().normalRow(columns, 1);
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
            Tolerance tolerance = columns == 1 ? new Tolerance(1e-3).withLeastScale(1) : Tolerance.FLOAT32_SUMS;
            bench.check(
                    stored.tolerance(tolerance),
                    what + " in",
                    bench.read(inGradient),
                    ReferenceKernels.plus(inBefore, expected.in()));
            bench.check(tolerance, what + " gain", bench.readRow(gainGradient), sum(gainBefore, expected.gain()));
            bench.check(tolerance, what + " bias", bench.readRow(biasGradient), sum(biasBefore, expected.bias()));
        });
    }

    private static void rmsNorm(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(shifted(bench, rows, columns));
            double[] g = stored.rounded(bench.random().normalRow(columns, 1));
            ReferenceKernels.Norm expected = ReferenceKernels.rmsNorm(x, g, EPSILON);
            Tensor in = bench.device(x, stored);
            Tensor gain = bench.row(g, stored);
            for (Tensor out : new Tensor[] {bench.undefined(rows, columns, stored), in}) {
                Tensor inverseRoot = bench.undefined(1, rows, stored.placing());
                bench.kernels().rmsNorm(in, gain, EPSILON, out, inverseRoot);
                bench.check(stored.tolerance(Tolerance.FLOAT32), what, bench.read(out), expected.out());
                bench.check(Tolerance.FLOAT32, what + " root", bench.readRow(inverseRoot), expected.inverseDeviation());
            }
        });
    }

    private static void rmsNormBackward(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(shifted(bench, rows, columns));
            double[] g = stored.rounded(bench.random().normalRow(columns, 1));
            double[][] d = stored.rounded(bench.random().normal(rows, columns));
            double[][] inBefore = stored.rounded(bench.random().normal(rows, columns));
            double[] gainBefore = bench.random().normalRow(columns, 1);
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

            bench.check(
                    stored.tolerance(Tolerance.FLOAT32_SUMS),
                    what + " in",
                    bench.read(inGradient),
                    ReferenceKernels.plus(inBefore, expected.in()));
            bench.check(
                    Tolerance.FLOAT32_SUMS,
                    what + " gain",
                    bench.readRow(gainGradient),
                    sum(gainBefore, expected.gain()));
        });
    }

    /** Rows whose mean is not 0, as those of a residual stream. */
    private static double[][] shifted(Workbench bench, int rows, int columns) {
        return Matrices.map(bench.random().normal(rows, columns, 2), x -> (float) (x + 0.75));
    }

    private static double[] sum(double[] left, double[] right) {
        return ReferenceKernels.plusRow(new double[][] {left}, right)[0];
    }
}
