package io.longstrand.bench;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What matrix products reach on this machine: the peak that shares of it refer to. Each library is measured through
 * the backend that computes with it (oneDNN through {@code cpu}, OpenBLAS through {@code nd4j}), on one thread and on
 * all; the best of several repeats counts, because everything that disturbs a measurement slows it.
 */
public final class PeakBenchmark implements Benchmark {
    private static final String FIGURE = "matrixProduct";
    private static final String UNIT = "GFLOP/s";
    private static final double NANOSECONDS_PER_CASE = 2e9;
    private static final int FEWEST_REPEATS = 3;
    private static final long ARENA_BYTES = 256L << 20;
    /** Tiles one timing multiplies on each lane, so that starting the lanes does not show. */
    private static final int TILES = 32;

    /** {@code (m, k) · (k, n)}. */
    private record Shape(long m, long k, long n) {
        private double flops() {
            return 2.0 * m * k * n;
        }

        @Override
        public String toString() {
            return "m=" + m + " k=" + k + " n=" + n;
        }
    }

    private static final Shape LARGE = new Shape(2048, 2048, 2048);
    /** One tile of attention scores: 256 queries, 512 keys, head size 64. */
    private static final Shape TILE = new Shape(256, 64, 512);

    @Override
    public String name() {
        return "peak";
    }

    @Override
    public String description() {
        return "matrix products of every library, in fp32, on one thread and on all";
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        List<Row> rows = new ArrayList<>();
        int processors = Runtime.getRuntime().availableProcessors();
        double one = best(1, rows, tell);
        rows.add(Row.of("precision=fp32 threads=1", "peak", one, UNIT));
        if (processors > 1) {
            double all = best(processors, rows, tell);
            rows.add(Row.of("precision=fp32 threads=" + processors, "peak", all, UNIT));
            rows.add(Row.of("precision=fp32", "threads" + processors + "to1", all / one, "1"));
        }
        return rows;
    }

    private static double best(int threads, List<Row> rows, Consumer<String> tell) {
        double best = 0;
        for (BackendProvider provider : new Backends().providers()) {
            Optional<String> reason = provider.unavailable();
            if (reason.isPresent()) {
                tell.accept(provider.name() + " is left out: " + reason.get());
                continue;
            }
            try (Backend backend = provider.open(new BackendProvider.Options(threads))) {
                tell.accept(provider.name() + " on " + threads + " threads: " + backend.description());
                String setting = "backend=" + provider.name() + " %s precision=fp32 threads=" + threads;
                double large = large(backend);
                rows.add(Row.of(String.format(setting, LARGE), FIGURE, large, UNIT));
                double tiles = tiles(backend);
                rows.add(Row.of(String.format(setting, TILE), FIGURE, tiles, UNIT));
                best = Math.max(best, Math.max(large, tiles));
            }
        }
        return best;
    }

    /** One large product over all lanes. */
    private static double large(Backend backend) {
        try (Arena arena = new Arena(backend, Place.DEVICE, ARENA_BYTES)) {
            MatrixProduct product = product(backend.kernels(), arena, LARGE, false);
            return LARGE.flops() / nanoseconds(backend, () -> backend.kernels().matmul(product));
        }
    }

    /** Many small products, each lane its own, as attention multiplies. */
    private static double tiles(Backend backend) {
        Kernels kernels = backend.kernels();
        try (Arena arena = new Arena(backend, Place.DEVICE, ARENA_BYTES)) {
            List<MatrixProduct> products = new ArrayList<>();
            for (int lane = 0; lane < kernels.lanes(); lane++) {
                products.add(product(kernels, arena, TILE, true));
            }
            long tasks = (long) TILES * kernels.lanes();
            double time = nanoseconds(
                    backend, () -> kernels.parallel(tasks, (task, lane) -> kernels.matmul(products.get(lane))));
            return tasks * TILE.flops() / time;
        }
    }

    private static MatrixProduct product(Kernels kernels, Arena arena, Shape shape, boolean transposeRight) {
        Tensor left = arena.allocate("peak", DataType.FLOAT32, shape.m(), shape.k());
        Tensor out = arena.allocate("peak", DataType.FLOAT32, shape.m(), shape.n());
        kernels.fill(left, 0.5f);
        if (transposeRight) {
            Tensor right = arena.allocate("peak", DataType.FLOAT32, shape.n(), shape.k());
            kernels.fill(right, 0.25f);
            return MatrixProduct.withRightTransposed(left, right, out);
        }
        Tensor right = arena.allocate("peak", DataType.FLOAT32, shape.k(), shape.n());
        kernels.fill(right, 0.25f);
        return MatrixProduct.of(left, right, out);
    }

    /** The shortest time of one run. */
    private static double nanoseconds(Backend backend, Runnable work) {
        work.run();
        backend.synchronize();
        double shortest = Double.MAX_VALUE;
        long begin = System.nanoTime();
        for (int i = 0; i < FEWEST_REPEATS || System.nanoTime() - begin < NANOSECONDS_PER_CASE; i++) {
            long start = System.nanoTime();
            work.run();
            backend.synchronize();
            shortest = Math.min(shortest, System.nanoTime() - start);
        }
        return shortest;
    }
}
