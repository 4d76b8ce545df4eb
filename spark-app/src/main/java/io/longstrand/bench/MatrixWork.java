package io.longstrand.bench;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;

/**
 * Matrix products on one thread, always the same ones. What two processes gain at it that need nothing of each other is
 * what the machine has to offer to two ranks.
 */
record MatrixWork(String backendName) {
    private static final long WIDTH = 1024;
    /** About two seconds on a core with AVX-512: long enough that both processes are at it for nearly all of the time. */
    private static final int PRODUCTS = 100;

    double seconds() {
        long bytes = 3 * (WIDTH * WIDTH * DataType.FLOAT32.bytes() + Arena.ALIGNMENT);
        try (Backend backend = new Backends().open(backendName, new BackendProvider.Options(1));
                Arena device = new Arena(backend, Place.DEVICE, bytes)) {
            Tensor left = square(backend, device);
            Tensor right = square(backend, device);
            Tensor out = square(backend, device);
            MatrixProduct product = MatrixProduct.of(left, right, out);
            backend.kernels().matmul(product); // prepares what the library keeps for this shape
            long start = System.nanoTime();
            for (int i = 0; i < PRODUCTS; i++) {
                backend.kernels().matmul(product);
            }
            backend.synchronize();
            return (System.nanoTime() - start) * 1e-9;
        }
    }

    private static Tensor square(Backend backend, Arena device) {
        Tensor matrix = device.allocate("benchmark", DataType.FLOAT32, WIDTH, WIDTH);
        backend.kernels().fill(matrix, 0.5f);
        return matrix;
    }
}
