package io.longstrand.comm;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;

/** Tensors in host memory without a backend. */
public final class DirectMemory {
    private DirectMemory() {}

    /** A tensor in memory of its own, with some elements before it so that its offset is not 0. */
    public static Tensor tensor(DataType type, long elements) {
        int before = 3 * type.bytes();
        return Tensor.contiguous(
                new HostBuffer(Math.toIntExact(before + elements * type.bytes())), before, type, 1, elements);
    }
}
