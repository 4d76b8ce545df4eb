package io.longstrand.bench.peer;

import io.longstrand.plan.ProductShape;

/** A library that multiplies matrices, as it is called without this project. */
public interface MatrixLibrary {
    /** Name with version, without spaces. */
    String name();

    /** Whether it multiplies matrices of that precision, {@code fp32} or {@code bf16}. */
    boolean multiplies(String precision);

    /**
     * Sustained FLOP/s of products of one shape on so many threads. What it computes with is taken and given back here.
     *
     * @param precision of operands and result
     */
    double flopsPerSecond(ProductShape shape, String precision, int threads);
}
