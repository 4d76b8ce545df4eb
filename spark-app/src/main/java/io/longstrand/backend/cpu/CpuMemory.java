package io.longstrand.backend.cpu;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Zeroed native memory. Kernels go by its address, the host by windows of at most 2 GiB. */
final class CpuMemory implements Memory {
    private final Place place;
    private final long bytes;
    private final Runnable onClose;
    private final Pointer base;
    private final long address;
    private boolean closed;

    /**
     * Allocates. Pages are taken from the system when they are first written.
     *
     * @param onClose called once, before the memory is given back
     */
    CpuMemory(Place place, long bytes, Runnable onClose) {
        if (bytes < 0) {
            throw new IllegalArgumentException(bytes + " bytes of memory");
        }
        this.place = place;
        this.bytes = bytes;
        this.onClose = onClose;
        this.base = Pointer.calloc(1, Math.addExact(bytes, 2L * Arena.ALIGNMENT));
        if (base == null || base.isNull()) {
            throw new OutOfMemoryError("the system gives no " + bytes + " bytes of native memory");
        }
        this.address = (base.address() + Arena.ALIGNMENT - 1) / Arena.ALIGNMENT * Arena.ALIGNMENT;
        HugePages.ask(address, bytes);
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public Place place() {
        return place;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
        if (place != Place.HOST) {
            throw new IllegalStateException("device memory is read by kernels only: copy it to host memory first");
        }
        Objects.checkFromIndexSize(offset, (long) length, bytes);
        return view(offset, length);
    }

    private ByteBuffer view(long offset, int length) {
        if (length == 0) {
            return ByteBuffer.allocateDirect(0).order(ByteOrder.LITTLE_ENDIAN);
        }
        NativeAddress start = new NativeAddress();
        start.set(address + offset);
        return new BytePointer(start).capacity(length).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            onClose.run();
            Pointer.free(base);
        }
    }
}
