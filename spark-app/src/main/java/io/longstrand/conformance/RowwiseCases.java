package io.longstrand.conformance;

import static io.longstrand.conformance.Matrices.map;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Elementwise kernels and plain sums. */
final class RowwiseCases {
    /** Of one number, so its scale is its own: three millionths. */
    private static final Tolerance SQUARES = new Tolerance(1.5e-6);
    /** Its input is of the order of 1; below 0 nearly all of it cancels out. */
    private static final Tolerance GELU = Tolerance.FLOAT32.withLeastScale(1);

    private RowwiseCases() {}

    static List<KernelCase> all() {
        return List.of(
                new KernelCase("fill", "sets every element and no other", RowwiseCases::fill),
                new KernelCase("add", "equals float64, also into its inputs", RowwiseCases::add),
                new KernelCase("gelu", "equals float64 over its whole range, also in place", RowwiseCases::gelu),
                new KernelCase("geluBackward", "equals float64, also into its inputs", RowwiseCases::geluBackward),
                new KernelCase("swiglu", "equals float64, also into its inputs", RowwiseCases::swiglu),
                new KernelCase("swigluBackward", "equals float64, also into gate and up", RowwiseCases::swigluBackward),
                new KernelCase("sumOfSquares", "is right to three millionths", RowwiseCases::sumOfSquares),
                new KernelCase("sumOfSquares", "takes squares beyond what float32 holds", RowwiseCases::extremeSquares),
                new KernelCase("addColumnSums", "adds float64 sums to what is there", RowwiseCases::columnSums),
                new KernelCase("rowDots", "equals float64", RowwiseCases::rowDots));
    }

    private static void fill(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            Tensor out = bench.undefined(rows, columns, stored);
            for (float value : new float[] {1.5f, 0f}) {
                bench.kernels().fill(out, value);
                double[][] found = bench.read(out);
                bench.check(Tolerance.EXACT, what, found, map(found, any -> value));
            }
        });
    }

    private static void add(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(bench.random().normal(rows, columns));
            double[][] y = stored.rounded(bench.random().normal(rows, columns));
            Tensor left = bench.device(x, stored);
            Tensor right = bench.device(y, stored);
            Tensor out = bench.undefined(rows, columns, stored);
            double[][] sum = ReferenceKernels.plus(x, y);

            bench.kernels().add(left, right, out);
            bench.check(stored.tolerance(Tolerance.FLOAT32), what, bench.read(out), sum);
            bench.kernels().add(left, right, left);
            bench.check(stored.tolerance(Tolerance.FLOAT32), what + " into left", bench.read(left), sum);
            bench.kernels().add(out, right, right);
            bench.check(
                    stored.tolerance(Tolerance.FLOAT32),
                    what + " into right",
                    bench.read(right),
                    ReferenceKernels.plus(bench.read(out), y));
        });
    }

    private static void gelu(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(bench.random().normal(rows, columns, 3));
            Tensor in = bench.device(x, stored);
            Tensor out = bench.undefined(rows, columns, stored);
            bench.kernels().gelu(in, out);
            bench.check(stored.tolerance(GELU), what, bench.read(out), map(x, ReferenceKernels::gelu));
            bench.kernels().gelu(in, in);
            bench.check(stored.tolerance(GELU), what + " in place", bench.read(in), map(x, ReferenceKernels::gelu));
        });
        // Large ones alone: beside them small ones would be judged by their scale.
        double[][] small = {{-1e4, -100, -20, -10, -1e-3, 0, 1e-3}};
        double[][] large = {{10, 20, 100, 1e4}};
        for (double[][] extremes : List.of(small, large)) {
            Tensor in = bench.device(extremes);
            bench.kernels().gelu(in, in);
            bench.check(Tolerance.FLOAT32, "extremes", bench.read(in), map(extremes, ReferenceKernels::gelu));
        }
    }

    private static void geluBackward(Workbench bench) {
        // 1 + tanh and 1 − tanh² cancel where x is a few below 0, and x² multiplies what they leave.
        Tolerance tolerance = new Tolerance(1e-5).withLeastScale(1);
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(bench.random().normal(rows, columns, 3));
            double[][] g = stored.rounded(bench.random().normal(rows, columns));
            double[][] expected = map(x, g, (value, gradient) -> gradient * ReferenceKernels.geluDerivative(value));
            Tensor in = bench.device(x, stored);
            Tensor outGradient = bench.device(g, stored);
            Tensor inGradient = bench.undefined(rows, columns, stored);

            bench.kernels().geluBackward(in, outGradient, inGradient);
            bench.check(stored.tolerance(tolerance), what, bench.read(inGradient), expected);
            bench.kernels().geluBackward(in, outGradient, outGradient);
            bench.check(stored.tolerance(tolerance), what + " into the gradient", bench.read(outGradient), expected);
            bench.kernels().geluBackward(in, bench.device(g, stored), in);
            bench.check(stored.tolerance(tolerance), what + " into the input", bench.read(in), expected);
        });
    }

    private static void swiglu(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] g = stored.rounded(bench.random().normal(rows, columns, 3));
            double[][] u = stored.rounded(bench.random().normal(rows, columns));
            double[][] expected = map(g, u, ReferenceKernels::swiglu);
            Tensor gate = bench.device(g, stored);
            Tensor up = bench.device(u, stored);
            Tensor out = bench.undefined(rows, columns, stored);

            bench.kernels().swiglu(gate, up, out);
            bench.check(stored.tolerance(Tolerance.FLOAT32), what, bench.read(out), expected);
            bench.kernels().swiglu(gate, up, up);
            bench.check(stored.tolerance(Tolerance.FLOAT32), what + " into up", bench.read(up), expected);
            bench.kernels().swiglu(gate, bench.device(u, stored), gate);
            bench.check(stored.tolerance(Tolerance.FLOAT32), what + " into gate", bench.read(gate), expected);
        });
    }

    private static void swigluBackward(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] g = stored.rounded(bench.random().normal(rows, columns, 3));
            double[][] u = stored.rounded(bench.random().normal(rows, columns));
            double[][] d = stored.rounded(bench.random().normal(rows, columns));
            double[][] byGate = map(map(g, u, ReferenceKernels::swigluByGate), d, (x, y) -> x * y);
            double[][] byUp = map(g, d, (gate, gradient) -> gradient * ReferenceKernels.swigluByUp(gate));
            Tensor gate = bench.device(g, stored);
            Tensor up = bench.device(u, stored);
            Tensor outGradient = bench.device(d, stored);
            Tensor gateGradient = bench.undefined(rows, columns, stored);
            Tensor upGradient = bench.undefined(rows, columns, stored);

            bench.kernels().swigluBackward(gate, up, outGradient, gateGradient, upGradient);
            bench.check(stored.tolerance(Tolerance.FLOAT32), what + " gate", bench.read(gateGradient), byGate);
            bench.check(stored.tolerance(Tolerance.FLOAT32), what + " up", bench.read(upGradient), byUp);
            bench.kernels().swigluBackward(gate, up, outGradient, gate, up);
            bench.check(stored.tolerance(Tolerance.FLOAT32), what + " into gate", bench.read(gate), byGate);
            bench.check(stored.tolerance(Tolerance.FLOAT32), what + " into up", bench.read(up), byUp);
        });
    }

    private static void sumOfSquares(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(bench.random().normal(rows, columns));
            double expected = Arrays.stream(ReferenceKernels.rowDots(x, x)).sum();
            bench.check(SQUARES, what, bench.kernels().sumOfSquares(bench.device(x, stored)), expected);
        });
    }

    private static void extremeSquares(Workbench bench) {
        for (float size : new float[] {1e-30f, 1e-20f, 0, 1e20f, 1e30f}) {
            double[][] x = new double[1][20_000];
            Arrays.fill(x[0], size);
            Tensor in = bench.device(x, new Stored(Placing.CONTIGUOUS, DataType.FLOAT32));
            double expected = 20_000.0 * size * size;
            bench.check(SQUARES, "elements of " + size, bench.kernels().sumOfSquares(in), expected);
        }
    }

    private static void columnSums(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(bench.random().normal(rows, columns));
            double[] before = bench.random().normalRow(columns, 1);
            Tensor out = bench.row(before, stored.placing());
            bench.kernels().addColumnSums(bench.device(x, stored), out);
            double[][] expected = ReferenceKernels.plusRow(new double[][] {ReferenceKernels.columnSums(x)}, before);
            bench.check(Tolerance.ofSums(rows), what, bench.read(out), expected);
        });
    }

    private static void rowDots(Workbench bench) {
        bench.eachShape((rows, columns, stored, what) -> {
            double[][] x = stored.rounded(bench.random().normal(rows, columns));
            double[][] y = stored.rounded(bench.random().normal(rows, columns));
            Tensor out = bench.undefined(1, rows, stored.placing());
            bench.kernels().rowDots(bench.device(x, stored), bench.device(y, stored), out);
            bench.check(Tolerance.FLOAT32_SUMS, what, bench.readRow(out), ReferenceKernels.rowDots(x, y));
        });
    }
}
