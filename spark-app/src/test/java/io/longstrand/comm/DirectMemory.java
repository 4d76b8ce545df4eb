package io.longstrand.comm;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Host memory without a backend: communication needs windows of it and no address. */
public final class DirectMemory implements Memory {
    private final ByteBuffer buffer;

    /** Zeroed. */
    public DirectMemory(int bytes) {
        buffer = ByteBuffer.allocateDirect(bytes);
    }

    /** A tensor in memory of its own, with some elements before it so that its offset is not 0. */
    public static Tensor tensor(DataType type, long elements) {
        int before = 3 * type.bytes();
        return Tensor.contiguous(
                new DirectMemory(Math.toIntExact(before + elements * type.bytes())), before, type, 1, elements);
    }

    @Override
    public long address() {
        throw new UnsupportedOperationException("communication asks for no address");
    }

    @Override
    public long bytes() {
        return buffer.capacity();
    }

    @Override
    public Place place() {
        return Place.HOST;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
        return buffer.slice(Math.toIntExact(offset), length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {}
}
