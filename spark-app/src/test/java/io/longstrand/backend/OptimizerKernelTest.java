package io.longstrand.backend;

import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.Tensor;

class OptimizerKernelTest {
    private final RandomMatrices random = new RandomMatrices(6);

    @EveryBackend
    void ten_steps_of_adamw_equal_float64(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (Placing placing : Placing.values()) {
                for (int n : new int[] {1, 7, 31, 64, 100, 257, 5000}) {
                    for (float decay : new float[] {0, 0.1f}) {
                        steps(bench, placing, n, decay);
                    }
                }
            }
        }
    }

    private void steps(Workbench bench, Placing placing, int n, float decay) {
        double[] start = random.normalRow(n, 1);
        ReferenceKernels.AdamW[] expected = new ReferenceKernels.AdamW[n];
        for (int i = 0; i < n; i++) {
            expected[i] = new ReferenceKernels.AdamW(start[i], 0, 0);
        }
        Tensor parameter = bench.row(start, placing);
        Tensor first = bench.row(new double[n], placing);
        Tensor second = bench.row(new double[n], placing);
        float scale = 0.125f;
        for (int step = 1; step <= 10; step++) {
            double[] gradient = random.normalRow(n, 8);
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
        Tolerance.FLOAT32_SUMS.check(what + " parameter", bench.readRow(parameter), wanted[0]);
        Tolerance.FLOAT32_SUMS.check(what + " first moment", bench.readRow(first), wanted[1]);
        Tolerance.FLOAT32_SUMS.check(what + " second moment", bench.readRow(second), wanted[2]);
    }
}
