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
    /** The smaller fits a processor's own cache, the larger is what a layer multiplies. */
    private static final long[] SIZES = {512, 1024};

    private static final long NANOSECONDS = 200_000_000;

    /** Best FLOP/s of square products of {@code SIZES}, within about half a second. */
    double flopsPerSecond(Backend backend, DataType type) {
        double best = 0;
        for (long size : SIZES) {
            best = Math.max(best, flopsPerSecond(backend, type, size));
        }
        return best;
    }

    private static double flopsPerSecond(Backend backend, DataType type, long size) {
        long bytes = 3 * size * size * type.bytes();
        try (Arena arena = new Arena(backend, Place.DEVICE, bytes)) {
            Tensor left = arena.allocate("peak probe", type, size, size);
            Tensor right = arena.allocate("peak probe", type, size, size);
            Tensor out = arena.allocate("peak probe", type, size, size);
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
            return 2.0 * size * size * size / (best * 1e-9);
        }
    }
}
