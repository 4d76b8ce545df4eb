package io.longstrand.bench;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The best rate of matrix products on one backend here and now: the most over a few shapes, because no shape is the
 * fastest on every machine.
 */
final class MatrixPeak implements AutoCloseable {
    private static final long ARENA_BYTES = 128L << 20;
    private static final double FLOPS_PER_SHAPE = 2e10;
    private static final int FEWEST_PRODUCTS = 5;

    private final Backend backend;
    private final Arena arena;
    private final List<MatrixProduct> products = new ArrayList<>();

    MatrixPeak(String backendName, int threads) {
        backend = new Backends().open(backendName, new BackendProvider.Options(threads));
        arena = new Arena(backend, Place.DEVICE, ARENA_BYTES);
        products.add(product(2048, 2048, 2048));
        products.add(product(2048, 512, 2048));
        products.add(product(1024, 1024, 1024));
        products.add(product(256, 64, 512)); // a tile of attention scores
    }

    private MatrixProduct product(long m, long k, long n) {
        Tensor left = arena.allocate("peak", DataType.FLOAT32, m, k);
        Tensor right = arena.allocate("peak", DataType.FLOAT32, n, k);
        Tensor out = arena.allocate("peak", DataType.FLOAT32, m, n);
        backend.kernels().fill(left, 0.5f);
        backend.kernels().fill(right, 0.5f);
        return MatrixProduct.withRightTransposed(left, right, out);
    }

    /** FLOP/s of the fastest product of all shapes and repeats. */
    double flopsPerSecond() {
        double best = 0;
        for (MatrixProduct product : products) {
            double flops = 2.0 * product.m() * product.n() * product.k();
            int times = (int) Math.max(FEWEST_PRODUCTS, FLOPS_PER_SHAPE / flops);
            for (int i = 0; i < times; i++) {
                long start = System.nanoTime();
                backend.kernels().matmul(product);
                backend.synchronize();
                best = Math.max(best, flops / ((System.nanoTime() - start) * 1e-9));
            }
        }
        return best;
    }

    @Override
    public void close() {
        arena.close();
        backend.close();
    }
}
