package io.longstrand.comm;

import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Host memory that no backend gives: communication needs windows of it and no address. */
public final class HostBuffer implements Memory {
    private final ByteBuffer buffer;

    /** Zeroed bytes of its own. @param bytes how many */
    public HostBuffer(int bytes) {
        this(ByteBuffer.allocateDirect(bytes));
    }

    /** All of a direct buffer, whoever's memory it is. */
    public HostBuffer(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    @Override
    public long address() {
        throw new UnsupportedOperationException("nothing computes with a buffer");
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
    public void close() {
        // The collector takes it, or its owner.
    }
}
