package io.longstrand.plan;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What the matrix products of one backend reach here and now, all lanes together. The peak that shares refer to is the
 * best over {@link ProductShape#all} and over every library there is: {@code bench} measures the other libraries beside
 * this one, a run only its own, because loading them would take memory the run has planned.
 */
public final class PeakProbe {
    private static final String OWNER = "peak probe";
    /** What a probe before a run may take: the device memory it gives back is the run's. */
    private static final long BYTES_BESIDE_A_RUN = 16L << 20;

    private static final long SMALLEST_SQUARE = 1024;
    private static final long LARGEST_SQUARE = 8192;
    /** Products that take so long are large enough. */
    private static final double LONG_ENOUGH_SECONDS = 0.02;
    /** What the products of {@link ProductShape} take on a processor, a GPU does in less than this. */
    private static final double TOO_SHORT_SECONDS = 0.001;

    private static final int SEED_ROWS = 64;

    private final SustainedRate rate = new SustainedRate();

    /**
     * Best FLOP/s over the shapes that take little memory, within about half a second; over larger ones too where a
     * device is done with these before it has begun, so to speak.
     */
    public double quickFlopsPerSecond(Backend backend, DataType type) {
        double best = 0;
        boolean tooShort = true;
        for (ProductShape shape : ProductShape.all()) {
            if (shape.bytes(type) <= BYTES_BESIDE_A_RUN) {
                double rate = flopsPerSecond(backend, type, shape);
                best = Math.max(best, rate);
                tooShort &= shape.count() > 1 || shape.flops() / rate < TOO_SHORT_SECONDS;
            }
        }
        return tooShort ? Math.max(best, growingFlopsPerSecond(backend, type)) : best;
    }

    /** Best FLOP/s of square products, each larger than the one before until one takes its time. */
    public double growingFlopsPerSecond(Backend backend, DataType type) {
        double best = 0;
        for (long n = SMALLEST_SQUARE; n <= LARGEST_SQUARE; n *= 2) {
            double flops = 2.0 * n * n * n;
            double squares = flopsPerSecond(backend, type, new ProductShape("square", n, n, n, 1));
            best = Math.max(best, squares);
            if (flops / squares > LONG_ENOUGH_SECONDS) {
                break;
            }
        }
        return best;
    }

    /** FLOP/s of one shape. @param type of operands and result */
    public double flopsPerSecond(Backend backend, DataType type, ProductShape shape) {
        Kernels kernels = backend.kernels();
        int operands = shape.count() == 1 ? 1 : kernels.lanes();
        long bytes = operands * (shape.bytes(type) + 3L * Arena.ALIGNMENT);
        try (Arena arena = new Arena(backend, Place.DEVICE, bytes)) {
            List<MatrixProduct> products = new ArrayList<>();
            for (int i = 0; i < operands; i++) {
                products.add(product(backend, arena, type, shape));
            }
            return rate.of(shape.flops(), () -> {
                if (shape.count() == 1) {
                    kernels.matmul(products.get(0));
                } else {
                    kernels.parallel(shape.count(), (task, lane) -> kernels.matmul(products.get(lane)));
                }
                backend.synchronize();
            });
        }
    }

    /** With the right operand transposed, as weights and keys lie. */
    private static MatrixProduct product(Backend backend, Arena arena, DataType type, ProductShape shape) {
        Tensor left = random(backend, arena, type, shape.m(), shape.k());
        Tensor right = random(backend, arena, type, shape.n(), shape.k());
        Tensor out = arena.allocate(OWNER, type, shape.m(), shape.n());
        return MatrixProduct.withRightTransposed(left, right, out);
    }

    /** Random rows again and again: a device draws less power, and runs faster, on elements that are all the same. */
    private static Tensor random(Backend backend, Arena arena, DataType type, long rows, long columns) {
        Tensor tensor = arena.allocate(OWNER, type, rows, columns);
        try (Arena host = new Arena(backend, Place.HOST, SEED_ROWS * columns * Float.BYTES)) {
            Tensor some = host.allocate(OWNER, DataType.FLOAT32, SEED_ROWS, columns);
            FloatBuffer values = some.hostBytes().asFloatBuffer();
            Random random = new Random(columns);
            while (values.hasRemaining()) {
                values.put((float) random.nextGaussian());
            }
            for (long row = 0; row < rows; row += SEED_ROWS) {
                long end = Math.min(rows, row + SEED_ROWS);
                backend.kernels().copy(some.rows(0, end - row), tensor.rows(row, end));
            }
            backend.synchronize();
        }
        return tensor;
    }
}
