package io.longstrand.doctor;

import io.longstrand.conformance.RandomMatrices;
import io.longstrand.plan.SustainedRate;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** How fast a device multiplies and copies, in about a second. */
final class DeviceRates {
    private static final String OWNER = "device check";
    private static final int SMALLEST = 1024;
    private static final int LARGEST = 8192;
    /** Products that take so long are large enough. */
    private static final double LONG_ENOUGH_SECONDS = 0.02;

    private static final int SEED_ROWS = 64;
    private static final long COPIED = 128L << 20;

    private final SustainedRate sustained = new SustainedRate();

    /** What was measured on an open backend. */
    List<Rate> measure(Backend backend) {
        List<Rate> rates = new ArrayList<>();
        rates.add(new Rate("matmul fp32", matmul(backend, DataType.FLOAT32) * 1e-9, "GFLOP/s"));
        rates.add(new Rate("matmul bf16", matmul(backend, DataType.BFLOAT16) * 1e-9, "GFLOP/s"));
        rates.addAll(copies(backend));
        return rates;
    }

    /** Best FLOP/s of square products, each larger than the one before until one takes its time. */
    private double matmul(Backend backend, DataType type) {
        double best = 0;
        for (long n = SMALLEST; n <= LARGEST; n *= 2) {
            double flops = 2.0 * n * n * n;
            double rate = matmul(backend, type, n);
            best = Math.max(best, rate);
            if (flops / rate > LONG_ENOUGH_SECONDS) {
                break;
            }
        }
        return best;
    }

    private double matmul(Backend backend, DataType type, long n) {
        try (Arena arena = new Arena(backend, Place.DEVICE, 3 * n * n * type.bytes())) {
            Tensor left = random(backend, arena, type, n);
            Tensor right = random(backend, arena, type, n);
            Tensor out = arena.allocate(OWNER, type, n, n);
            MatrixProduct product = MatrixProduct.withRightTransposed(left, right, out);
            return sustained.of(2.0 * n * n * n, () -> {
                backend.kernels().matmul(product);
                backend.synchronize();
            });
        }
    }

    /** Random rows again and again: a device draws less power, and runs faster, on elements that are all the same. */
    private static Tensor random(Backend backend, Arena arena, DataType type, long n) {
        Tensor tensor = arena.allocate(OWNER, type, n, n);
        try (Arena host = new Arena(backend, Place.HOST, SEED_ROWS * n * Float.BYTES)) {
            Tensor rows = host.allocate(OWNER, DataType.FLOAT32, SEED_ROWS, n);
            ByteBuffer bytes = rows.hostBytes();
            for (double[] row : new RandomMatrices(n).normal(SEED_ROWS, Math.toIntExact(n))) {
                for (double value : row) {
                    bytes.putFloat((float) value);
                }
            }
            for (long row = 0; row < n; row += SEED_ROWS) {
                backend.kernels().copy(rows, tensor.rows(row, row + SEED_ROWS));
            }
            backend.synchronize();
        }
        return tensor;
    }

    private List<Rate> copies(Backend backend) {
        long elements = COPIED / Float.BYTES;
        try (Arena device = new Arena(backend, Place.DEVICE, 2 * COPIED);
                Arena host = new Arena(backend, Place.HOST, COPIED)) {
            Tensor here = host.allocate(OWNER, DataType.FLOAT32, 1, elements);
            Tensor there = device.allocate(OWNER, DataType.FLOAT32, 1, elements);
            Tensor beside = device.allocate(OWNER, DataType.FLOAT32, 1, elements);
            return List.of(
                    copy(backend, "copy host to device", here, there),
                    copy(backend, "copy device to host", there, here),
                    copy(backend, "copy within device", there, beside));
        }
    }

    private Rate copy(Backend backend, String what, Tensor from, Tensor to) {
        double bytes = sustained.of(from.bytes(), () -> {
            backend.kernels().copy(from, to);
            backend.synchronize();
        });
        return new Rate(what, bytes * 1e-9, "GB/s");
    }
}
