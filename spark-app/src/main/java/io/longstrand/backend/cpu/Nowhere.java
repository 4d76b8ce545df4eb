package io.longstrand.backend.cpu;

import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import java.nio.ByteBuffer;

/** Device memory that only has a size, for operands of foretold products. */
record Nowhere(long bytes) implements Memory {
    @Override
    public long address() {
        return 0;
    }

    @Override
    public Place place() {
        return Place.DEVICE;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
        throw new IllegalStateException("device memory has no window");
    }

    @Override
    public void close() {
        // There is nothing to give back.
    }
}
