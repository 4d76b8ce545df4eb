package io.longstrand.plan;

import io.longstrand.tensor.DataType;
import java.util.List;

/**
 * A matrix product {@code (m, k) · (k, n)} that the peak is looked for with.
 *
 * @param kind what multiplies such matrices
 * @param count products of it in a row; above 1 each lane multiplies its own, as attention does
 */
public record ProductShape(String kind, long m, long k, long n, int count) {
    /**
     * The shapes whose best is the peak, because no shape is the fastest on every machine: squares that fit a core's own
     * cache and those that do not, the up-projection of an MLP over 2,048 tokens, and tiles of attention scores over 256
     * queries, 512 keys and a head size of 64.
     */
    public static List<ProductShape> all() {
        return List.of(
                new ProductShape("square", 512, 512, 512, 1),
                new ProductShape("square", 1024, 1024, 1024, 1),
                new ProductShape("square", 2048, 2048, 2048, 1),
                new ProductShape("mlp", 2048, 512, 2048, 1),
                new ProductShape("attention", 256, 64, 512, 32));
    }

    /** Floating-point operations of all {@code count}. */
    public double flops() {
        return 2.0 * m * k * n * count;
    }

    /** Bytes of the operands and the result of one. */
    public long bytes(DataType type) {
        return (m * k + k * n + m * n) * type.bytes();
    }

    @Override
    public String toString() {
        return "shape=" + kind + " m=" + m + " k=" + k + " n=" + n;
    }
}
