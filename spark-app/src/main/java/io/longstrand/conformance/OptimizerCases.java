package io.longstrand.conformance;

import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.Tensor;
import java.util.List;

/** AdamW over flat slices. */
final class OptimizerCases {
    private OptimizerCases() {}

    static List<KernelCase> all() {
        return List.of(new KernelCase("adamW", "equals float64 for ten steps", OptimizerCases::tenSteps));
    }

    private static void tenSteps(Workbench bench) {
        for (Sizes.Shape large : bench.large()) {
            steps(bench, Placing.CONTIGUOUS, large.rows() * large.columns() / 16, 0.1f);
        }
        for (Placing placing : Placing.values()) {
            for (int n : new int[] {1, 7, 31, 64, 100, 257, 5000}) {
                for (float decay : new float[] {0, 0.1f}) {
                    steps(bench, placing, n, decay);
                }
            }
        }
    }

    private static void steps(Workbench bench, Placing placing, int n, float decay) {
        double[] start = bench.random().normalRow(n, 1);
        ReferenceKernels.AdamW[] expected = new ReferenceKernels.AdamW[n];
        for (int i = 0; i < n; i++) {
            expected[i] = new ReferenceKernels.AdamW(start[i], 0, 0);
        }
        Tensor parameter = bench.row(start, placing);
        Tensor first = bench.row(new double[n], placing);
        Tensor second = bench.row(new double[n], placing);
        float scale = 0.125f;
        for (int step = 1; step <= 10; step++) {
            double[] gradient = bench.random().normalRow(n, 8);
            float rate = 0.01f / step;
            AdamWStep adamW = new AdamWStep(step, rate, 0.9f, 0.95f, 1e-8f, decay, scale);
            bench.kernels().adamW(adamW, parameter, bench.row(gradient, placing), first, second);
            for (int i = 0; i < n; i++) {
                expected[i] = expected[i].step(step, rate, 0.9f, 0.95f, 1e-8f, decay, scale * gradient[i]);
            }
        }
        String what = n + " " + placing + " decay " + decay;
        double[][] wanted = new double[3][n];
        for (int i = 0; i < n; i++) {
            wanted[0][i] = expected[i].parameter();
            wanted[1][i] = expected[i].firstMoment();
            wanted[2][i] = expected[i].secondMoment();
        }
        bench.check(Tolerance.FLOAT32_SUMS, what + " parameter", bench.readRow(parameter), wanted[0]);
        bench.check(Tolerance.FLOAT32_SUMS, what + " first moment", bench.readRow(first), wanted[1]);
        bench.check(Tolerance.FLOAT32_SUMS, what + " second moment", bench.readRow(second), wanted[2]);
    }
}
