package io.longstrand.train;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;

/**
 * A quick measure of what the backend's matrix product reaches here and now, for the share of the peak a run reports.
 * {@code bench} measures the peak with more patience and other libraries.
 */
final class PeakProbe {
    private static final long SIZE = 1024;
    private static final long NANOSECONDS = 400_000_000;

    /** Best FLOP/s of a square product of {@code SIZE}, within about half a second. */
    double flopsPerSecond(Backend backend, DataType type) {
        long bytes = 3 * SIZE * SIZE * type.bytes();
        try (Arena arena = new Arena(backend, Place.DEVICE, bytes)) {
            Tensor left = arena.allocate("peak probe", type, SIZE, SIZE);
            Tensor right = arena.allocate("peak probe", type, SIZE, SIZE);
            Tensor out = arena.allocate("peak probe", type, SIZE, SIZE);
            backend.kernels().fill(left, 1);
            backend.kernels().fill(right, 1);
            MatrixProduct product = MatrixProduct.of(left, right, out);
            long best = Long.MAX_VALUE;
            long end = System.nanoTime() + NANOSECONDS;
            do {
                long start = System.nanoTime();
                backend.kernels().matmul(product);
                backend.synchronize();
                best = Math.min(best, System.nanoTime() - start);
            } while (System.nanoTime() < end);
            return 2.0 * SIZE * SIZE * SIZE / (best * 1e-9);
        }
    }
}
