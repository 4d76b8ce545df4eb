package io.longstrand.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.conformance.Matrices;
import io.longstrand.conformance.Placing;
import io.longstrand.conformance.RandomMatrices;
import io.longstrand.conformance.Tolerance;
import io.longstrand.conformance.Workbench;
import io.longstrand.tensor.Activation;
import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Threads: every task runs once, and no result depends on how many there are. */
class LaneTest {
    private static final int ROWS = 530;
    private static final int COLUMNS = 257;

    @EveryBackend
    void every_task_runs_once_and_a_lane_runs_one_at_a_time(String backend) {
        for (int threads = 1; threads <= 3; threads++) {
            try (Workbench bench = Workbench.open(backend, threads)) {
                Kernels kernels = bench.kernels();
                assertThat(kernels.lanes()).isBetween(1, threads);
                AtomicIntegerArray runs = new AtomicIntegerArray(100);
                AtomicIntegerArray busy = new AtomicIntegerArray(kernels.lanes());
                AtomicLong clashes = new AtomicLong();
                kernels.parallel(100, (task, lane) -> {
                    clashes.addAndGet(busy.getAndIncrement(lane));
                    runs.incrementAndGet((int) task);
                    Thread.onSpinWait();
                    busy.decrementAndGet(lane);
                });
                assertThat(IntStream.range(0, 100).map(runs::get)).containsOnly(1);
                assertThat(clashes).hasValue(0);
                kernels.parallel(0, (task, lane) -> runs.incrementAndGet(0));
                assertThat(runs.get(0)).isEqualTo(1);
            }
        }
    }

    @EveryBackend
    void a_failing_task_fails_the_whole_and_the_lanes_go_on(String backend) {
        try (Workbench bench = Workbench.open(backend, 2)) {
            assertThatThrownBy(() -> bench.kernels().parallel(10, (task, lane) -> {
                        if (task == 7) {
                            throw new IllegalStateException("task 7");
                        }
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("task 7");
            AtomicLong runs = new AtomicLong();
            bench.kernels().parallel(10, (task, lane) -> runs.incrementAndGet());
            assertThat(runs).hasValue(10);
        }
    }

    @EveryBackend
    void kernels_inside_a_task_give_the_same_bits_as_outside(String backend) {
        try (Workbench bench = Workbench.open(backend, 2)) {
            RandomMatrices random = new RandomMatrices(8);
            Tensor left = bench.device(random.normal(96, 64));
            Tensor right = bench.device(random.normal(64, 48));
            Tensor outside = bench.undefined(96, 48, Placing.CONTIGUOUS);
            Tensor inside = bench.undefined(96, 48, Placing.CONTIGUOUS);
            for (long i = 0; i < 6; i++) {
                bench.kernels()
                        .matmul(MatrixProduct.of(
                                left.rows(i * 16, i * 16 + 16), right, outside.rows(i * 16, i * 16 + 16)));
                bench.kernels().gelu(outside.rows(i * 16, i * 16 + 16), outside.rows(i * 16, i * 16 + 16));
            }
            bench.kernels().parallel(6, (task, lane) -> {
                Tensor rows = inside.rows(task * 16, task * 16 + 16);
                bench.kernels().matmul(MatrixProduct.of(left.rows(task * 16, task * 16 + 16), right, rows));
                bench.kernels().gelu(rows, rows);
            });
            new Tolerance(0).check("inside", bench.read(inside), bench.read(outside));
        }
    }

    @EveryBackend
    void one_two_and_three_threads_give_the_same_bits(String backend) {
        Map<String, double[][]> expected = everyKernel(backend, 1);
        for (int threads = 1; threads <= 3; threads++) {
            Map<String, double[][]> actual = everyKernel(backend, threads);
            int count = threads;
            expected.forEach((name, values) ->
                    new Tolerance(0).check(name + " on " + count + " threads", actual.get(name), values));
        }
    }

    /** One result of each kernel, by name, on shapes large enough to be split. */
    private static Map<String, double[][]> everyKernel(String backend, int threads) {
        try (Workbench bench = Workbench.open(backend, threads)) {
            Run run = new Run(bench);
            run.products();
            run.rows();
            run.norms();
            run.tokens();
            run.attention();
            run.optimizer();
            return run.results;
        }
    }

    private static final class Run {
        private final Map<String, double[][]> results = new LinkedHashMap<>();
        private final RandomMatrices random = new RandomMatrices(9);
        private final Workbench bench;
        private final Kernels kernels;

        Run(Workbench bench) {
            this.bench = bench;
            this.kernels = bench.kernels();
        }

        private Tensor matrix() {
            return bench.device(random.normal(ROWS, COLUMNS), Placing.VIEW);
        }

        private Tensor perColumn() {
            return bench.row(random.normalRow(COLUMNS, 1));
        }

        private Tensor perRow() {
            return bench.row(random.normalRow(ROWS, 1));
        }

        private void keep(String name, Tensor... tensors) {
            for (int i = 0; i < tensors.length; i++) {
                results.put(name + " " + i, bench.read(tensors[i]));
            }
        }

        void products() {
            Tensor left = matrix();
            Tensor right = matrix();
            Tensor gram = bench.undefined(ROWS, ROWS, Placing.CONTIGUOUS);
            kernels.matmul(MatrixProduct.withRightTransposed(left, right, gram));
            keep("right transposed", gram);
            Tensor small = bench.undefined(COLUMNS, COLUMNS, Placing.CONTIGUOUS);
            kernels.matmul(MatrixProduct.withLeftTransposed(left, right, small));
            keep("left transposed", small);
            kernels.matmul(MatrixProduct.withLeftTransposed(left, right, small).accumulating());
            keep("accumulated", small);
            Tensor out = matrix();
            kernels.matmul(MatrixProduct.of(left, small, out).plus(perColumn()).then(Activation.GELU));
            keep("with bias and gelu", out);
        }

        void rows() {
            Tensor x = matrix();
            Tensor y = matrix();
            Tensor z = matrix();
            kernels.add(x, y, z);
            keep("add", z);
            kernels.gelu(x, z);
            keep("gelu", z);
            kernels.geluBackward(x, y, z);
            keep("gelu backward", z);
            kernels.swiglu(x, y, z);
            keep("swiglu", z);
            kernels.swigluBackward(x, y, z, x, y);
            keep("swiglu backward", x, y);
            results.put("sum of squares", new double[][] {{kernels.sumOfSquares(x)}});
            Tensor columns = perColumn();
            kernels.addColumnSums(x, columns);
            Tensor dots = perRow();
            kernels.rowDots(x, z, dots);
            kernels.fill(z, 3);
            keep("sums", columns, dots, z);
        }

        void norms() {
            Tensor x = matrix();
            Tensor y = matrix();
            Tensor gain = perColumn();
            Tensor mean = perRow();
            Tensor deviation = perRow();
            kernels.layerNorm(x, gain, perColumn(), 1e-5f, y, mean, deviation);
            keep("layer norm", y, mean, deviation);
            Tensor inGradient = matrix();
            Tensor gainGradient = perColumn();
            Tensor biasGradient = perColumn();
            kernels.layerNormBackward(y, x, gain, mean, deviation, inGradient, gainGradient, biasGradient);
            keep("layer norm backward", inGradient, gainGradient, biasGradient);
            kernels.rmsNorm(x, gain, 1e-5f, y, deviation);
            keep("rms norm", y, deviation);
            kernels.rmsNormBackward(y, x, gain, deviation, inGradient, gainGradient);
            keep("rms norm backward", inGradient, gainGradient);
        }

        void tokens() {
            Tensor x = matrix();
            Tensor table = bench.device(random.normal(19, COLUMNS));
            Tensor indices = bench.integers(random.integers(ROWS, 19));
            kernels.embedding(indices, table, x, true);
            keep("embedding", x);
            kernels.embeddingBackward(indices, x, table);
            keep("embedding backward", table);
            Tensor heads = bench.device(random.normal(ROWS, 4 * 20));
            Tensor cosines = bench.device(random.normal(19, 10));
            kernels.rotary(heads, 20, indices, cosines, cosines, false);
            keep("rotary", heads);
            Tensor losses = perRow();
            kernels.crossEntropy(x, indices, perRow(), losses, Optional.of(x));
            keep("cross-entropy", x, losses);
        }

        void attention() {
            Tensor scores = matrix();
            Tensor maximum = perRow();
            Tensor sum = bench.row(Matrices.map(random.normal(1, ROWS), Math::abs)[0]);
            Tensor accumulator = bench.device(random.normal(ROWS, 24));
            TileMask mask = new TileMask.Ranges(
                    bench.integers(random.integers(ROWS, 30)), bench.integers(random.integers(ROWS, COLUMNS)), 3);
            kernels.softmaxTile(scores, mask, 0.5f, maximum, sum, accumulator, scores);
            Tensor probabilities = matrix();
            kernels.softmaxTile(matrix(), new TileMask.Full(), 0.5f, maximum, sum, accumulator, probabilities);
            keep("softmax tile", scores, probabilities, maximum, sum, accumulator);
            Tensor logSumExp = perRow();
            kernels.softmaxFinish(accumulator, maximum, sum, accumulator, logSumExp);
            keep("softmax finish", accumulator, logSumExp);
            Tensor gradient = matrix();
            kernels.softmaxTileBackward(scores, gradient, mask, 0.5f, logSumExp, perRow(), scores, gradient);
            keep("softmax tile backward", scores, gradient);
        }

        void optimizer() {
            Tensor[] state = new Tensor[4];
            for (int i = 0; i < state.length; i++) {
                state[i] = bench.row(Matrices.map(random.normal(1, 70_001), Math::abs)[0]);
            }
            kernels.adamW(
                    new AdamWStep(3, 0.01f, 0.9f, 0.95f, 1e-8f, 0.1f, 0.5f), state[0], state[1], state[2], state[3]);
            keep("adamw", state[0], state[2], state[3]);
            results.put("long sum of squares", new double[][] {{kernels.sumOfSquares(state[1])}});
        }
    }
}
