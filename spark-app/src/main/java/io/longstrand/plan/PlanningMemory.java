package io.longstrand.plan;

import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory that only has a size. What is written into a window of it is forgotten; what is read is zero. */
record PlanningMemory(Place place, long bytes) implements Memory {
    @Override
    public long address() {
        return 0;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
        if (place != Place.HOST) {
            throw new IllegalStateException("device memory has no window");
        }
        java.util.Objects.checkFromIndexSize(offset, length, bytes);
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        // There is nothing to give back.
    }
}
