package io.longstrand.plan;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * What the matrix products of one backend reach here and now, all lanes together. The peak that shares refer to is the
 * best over {@link ProductShape#all} and over every library there is: {@code bench} measures the other libraries beside
 * this one, a run only its own, because loading them would take memory the run has planned.
 */
public final class PeakProbe {
    private static final String OWNER = "peak probe";
    /** What a probe before a run may take: the device memory it gives back is the run's. */
    private static final long BYTES_BESIDE_A_RUN = 16L << 20;

    private final SustainedRate rate = new SustainedRate();

    /** Best FLOP/s over the shapes that take little memory, within about half a second. */
    public double quickFlopsPerSecond(Backend backend, DataType type) {
        return ProductShape.all().stream()
                .filter(shape -> shape.bytes(type) <= BYTES_BESIDE_A_RUN)
                .mapToDouble(shape -> flopsPerSecond(backend, type, shape))
                .max()
                .orElseThrow();
    }

    /** FLOP/s of one shape. @param type of operands and result */
    public double flopsPerSecond(Backend backend, DataType type, ProductShape shape) {
        Kernels kernels = backend.kernels();
        int operands = shape.count() == 1 ? 1 : kernels.lanes();
        long bytes = operands * (shape.bytes(type) + 3L * Arena.ALIGNMENT);
        try (Arena arena = new Arena(backend, Place.DEVICE, bytes)) {
            List<MatrixProduct> products = new ArrayList<>();
            for (int i = 0; i < operands; i++) {
                products.add(product(kernels, arena, type, shape));
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
    private static MatrixProduct product(Kernels kernels, Arena arena, DataType type, ProductShape shape) {
        Tensor left = arena.allocate(OWNER, type, shape.m(), shape.k());
        Tensor right = arena.allocate(OWNER, type, shape.n(), shape.k());
        Tensor out = arena.allocate(OWNER, type, shape.m(), shape.n());
        kernels.fill(left, 0.5f);
        kernels.fill(right, 0.25f);
        return MatrixProduct.withRightTransposed(left, right, out);
    }
}
