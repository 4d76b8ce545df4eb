package io.longstrand.bench.peer;

import io.longstrand.plan.ProductShape;
import io.longstrand.plan.SustainedRate;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;

/** OpenBLAS: {@code sgemm} with the right operand transposed. It has no bfloat16 products in this build. */
public final class OpenBlas implements MatrixLibrary {
    private static final int ROW_MAJOR = 101;
    private static final int PLAIN = 111;
    private static final int TRANSPOSED = 112;

    @Override
    public String name() {
        return "OpenBLAS";
    }

    @Override
    public boolean multiplies(String precision) {
        return precision.equals("fp32");
    }

    @Override
    public double flopsPerSecond(ProductShape shape, String precision, int threads) {
        return new OwnThread().call(() -> {
            openblas.blas_set_num_threads(threads);
            try (FloatPointer left = filled(shape.m() * shape.k());
                    FloatPointer right = filled(shape.n() * shape.k());
                    FloatPointer out = filled(shape.m() * shape.n())) {
                return new SustainedRate().of(shape.flops(), () -> {
                    for (int i = 0; i < shape.count(); i++) {
                        multiply(shape, left, right, out);
                    }
                });
            } finally {
                openblas.blas_set_num_threads(1);
            }
        });
    }

    private static void multiply(ProductShape shape, FloatPointer left, FloatPointer right, FloatPointer out) {
        int m = Math.toIntExact(shape.m());
        int k = Math.toIntExact(shape.k());
        int n = Math.toIntExact(shape.n());
        openblas.cblas_sgemm(ROW_MAJOR, PLAIN, TRANSPOSED, m, n, k, 1, left, k, right, k, 0, out, n);
    }

    private static FloatPointer filled(long elements) {
        FloatPointer pointer = new FloatPointer(elements);
        for (long i = 0; i < elements; i++) {
            pointer.put(i, 0.5f);
        }
        return pointer;
    }
}
