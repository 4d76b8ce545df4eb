package io.longstrand.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.assertj.core.data.Offset;

/** Elementwise kernels and plain sums. */
class RowwiseKernelTest {
    private final RandomMatrices random = new RandomMatrices(2);

    @EveryBackend
    void fill_sets_every_element_and_no_other(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                Tensor out = bench.undefined(rows, columns, stored);
                for (float value : new float[] {1.5f, 0f}) {
                    bench.kernels().fill(out, value);
                    assertThat(Arrays.stream(bench.read(out)).flatMapToDouble(Arrays::stream))
                            .as(what)
                            .hasSize(rows * columns)
                            .containsOnly((double) value);
                }
            });
        }
    }

    @EveryBackend
    void add_equals_float64_also_into_its_inputs(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] x = stored.rounded(random.normal(rows, columns));
                double[][] y = stored.rounded(random.normal(rows, columns));
                Tensor left = bench.device(x, stored);
                Tensor right = bench.device(y, stored);
                Tensor out = bench.undefined(rows, columns, stored);
                double[][] sum = ReferenceKernels.plus(x, y);

                bench.kernels().add(left, right, out);
                stored.tolerance(Tolerance.FLOAT32).check(what, bench.read(out), sum);
                bench.kernels().add(left, right, left);
                stored.tolerance(Tolerance.FLOAT32).check(what + " into left", bench.read(left), sum);
                bench.kernels().add(out, right, right);
                stored.tolerance(Tolerance.FLOAT32)
                        .check(what + " into right", bench.read(right), ReferenceKernels.plus(bench.read(out), y));
            });
        }
    }

    @EveryBackend
    void gelu_equals_float64_over_its_whole_range(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] x = stored.rounded(random.normal(rows, columns, 3));
                Tensor in = bench.device(x, stored);
                Tensor out = bench.undefined(rows, columns, stored);
                bench.kernels().gelu(in, out);
                stored.tolerance(Tolerance.FLOAT32).check(what, bench.read(out), map(x, ReferenceKernels::gelu));
                bench.kernels().gelu(in, in);
                stored.tolerance(Tolerance.FLOAT32)
                        .check(what + " in place", bench.read(in), map(x, ReferenceKernels::gelu));
            });
            double[][] extremes = {{-1e4, -100, -20, -10, -1e-3, 0, 1e-3, 10, 20, 100, 1e4}};
            Tensor in = bench.device(extremes);
            bench.kernels().gelu(in, in);
            double[][] expected = map(extremes, ReferenceKernels::gelu);
            for (int i = 0; i < extremes[0].length; i++) {
                assertThat(bench.read(in)[0][i])
                        .as("gelu(%s)", extremes[0][i])
                        .isCloseTo(expected[0][i], Offset.offset(1e-7 + 2e-6 * Math.abs(expected[0][i])));
            }
        }
    }

    @EveryBackend
    void gelu_backward_equals_float64_also_into_its_inputs(String backend) {
        // 1 + tanh and 1 − tanh² cancel where x is a few below 0, and x² multiplies what they leave.
        Tolerance tolerance = new Tolerance(1e-5);
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] x = stored.rounded(random.normal(rows, columns, 3));
                double[][] g = stored.rounded(random.normal(rows, columns));
                double[][] expected = map(x, g, (value, gradient) -> gradient * ReferenceKernels.geluDerivative(value));
                Tensor in = bench.device(x, stored);
                Tensor outGradient = bench.device(g, stored);
                Tensor inGradient = bench.undefined(rows, columns, stored);

                bench.kernels().geluBackward(in, outGradient, inGradient);
                stored.tolerance(tolerance).check(what, bench.read(inGradient), expected);
                bench.kernels().geluBackward(in, outGradient, outGradient);
                stored.tolerance(tolerance).check(what + " into the gradient", bench.read(outGradient), expected);
                bench.kernels().geluBackward(in, bench.device(g, stored), in);
                stored.tolerance(tolerance).check(what + " into the input", bench.read(in), expected);
            });
        }
    }

    @EveryBackend
    void swiglu_equals_float64_also_into_its_inputs(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] g = stored.rounded(random.normal(rows, columns, 3));
                double[][] u = stored.rounded(random.normal(rows, columns));
                double[][] expected = map(g, u, ReferenceKernels::swiglu);
                Tensor gate = bench.device(g, stored);
                Tensor up = bench.device(u, stored);
                Tensor out = bench.undefined(rows, columns, stored);

                bench.kernels().swiglu(gate, up, out);
                stored.tolerance(Tolerance.FLOAT32).check(what, bench.read(out), expected);
                bench.kernels().swiglu(gate, up, up);
                stored.tolerance(Tolerance.FLOAT32).check(what + " into up", bench.read(up), expected);
                bench.kernels().swiglu(gate, bench.device(u, stored), gate);
                stored.tolerance(Tolerance.FLOAT32).check(what + " into gate", bench.read(gate), expected);
            });
        }
    }

    @EveryBackend
    void swiglu_backward_equals_float64_also_into_gate_and_up(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] g = stored.rounded(random.normal(rows, columns, 3));
                double[][] u = stored.rounded(random.normal(rows, columns));
                double[][] d = stored.rounded(random.normal(rows, columns));
                double[][] byGate = map(map(g, u, ReferenceKernels::swigluByGate), d, (x, y) -> x * y);
                double[][] byUp = map(g, d, (gate, gradient) -> gradient * ReferenceKernels.swigluByUp(gate));
                Tensor gate = bench.device(g, stored);
                Tensor up = bench.device(u, stored);
                Tensor outGradient = bench.device(d, stored);
                Tensor gateGradient = bench.undefined(rows, columns, stored);
                Tensor upGradient = bench.undefined(rows, columns, stored);

                bench.kernels().swigluBackward(gate, up, outGradient, gateGradient, upGradient);
                stored.tolerance(Tolerance.FLOAT32).check(what + " gate", bench.read(gateGradient), byGate);
                stored.tolerance(Tolerance.FLOAT32).check(what + " up", bench.read(upGradient), byUp);
                bench.kernels().swigluBackward(gate, up, outGradient, gate, up);
                stored.tolerance(Tolerance.FLOAT32).check(what + " into gate", bench.read(gate), byGate);
                stored.tolerance(Tolerance.FLOAT32).check(what + " into up", bench.read(up), byUp);
            });
        }
    }

    @EveryBackend
    void sum_of_squares_is_right_to_some_millionths(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] x = stored.rounded(random.normal(rows, columns));
                double expected = Arrays.stream(ReferenceKernels.rowDots(x, x)).sum();
                assertThat(bench.kernels().sumOfSquares(bench.device(x, stored)))
                        .as(what)
                        .isCloseTo(expected, Offset.offset(3e-6 * expected));
            });
        }
    }

    @EveryBackend
    void squares_may_be_beyond_what_float32_holds(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (float size : new float[] {1e-30f, 1e-20f, 0, 1e20f, 1e30f}) {
                double[][] x = new double[1][20_000];
                Arrays.fill(x[0], size);
                Tensor in = bench.device(x, new Stored(Placing.CONTIGUOUS, DataType.FLOAT32));
                double expected = 20_000.0 * size * size;
                assertThat(bench.kernels().sumOfSquares(in))
                        .as("elements of " + size)
                        .isCloseTo(expected, Offset.offset(3e-6 * expected));
            }
        }
    }

    @EveryBackend
    void column_sums_are_added_to_what_is_there(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] x = stored.rounded(random.normal(rows, columns));
                double[] before = random.normalRow(columns, 1);
                Tensor out = bench.row(before, stored.placing());
                bench.kernels().addColumnSums(bench.device(x, stored), out);
                double[][] expected = ReferenceKernels.plusRow(new double[][] {ReferenceKernels.columnSums(x)}, before);
                Tolerance.FLOAT32.check(what, bench.read(out), expected);
            });
        }
    }

    @EveryBackend
    void row_dots_equal_float64(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Shapes.each((rows, columns, stored, what) -> {
                double[][] x = stored.rounded(random.normal(rows, columns));
                double[][] y = stored.rounded(random.normal(rows, columns));
                Tensor out = bench.undefined(1, rows, stored.placing());
                bench.kernels().rowDots(bench.device(x, stored), bench.device(y, stored), out);
                Tolerance.FLOAT32_SUMS.check(what, bench.readRow(out), ReferenceKernels.rowDots(x, y));
            });
        }
    }

    static double[][] map(double[][] in, DoubleUnaryOperator function) {
        return Arrays.stream(in)
                .map(row -> Arrays.stream(row).map(function).toArray())
                .toArray(double[][]::new);
    }

    static double[][] map(double[][] left, double[][] right, DoubleBinaryOperator function) {
        double[][] out = new double[left.length][left[0].length];
        for (int row = 0; row < left.length; row++) {
            for (int column = 0; column < left[row].length; column++) {
                out[row][column] = function.applyAsDouble(left[row][column], right[row][column]);
            }
        }
        return out;
    }
}
