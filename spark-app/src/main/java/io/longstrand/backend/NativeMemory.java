package io.longstrand.backend;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Zeroed memory of this machine, outside JavaCPP's own accounting, for either place. */
public final class NativeMemory implements Memory {
    /** Where zeroed pages come from. */
    public interface Source {
        /** The C library: pages are taken from the system when they are first written. */
        Source C_LIBRARY = new Source() {
            @Override
            public Pointer allocate(long bytes) {
                return Pointer.calloc(1, bytes);
            }

            @Override
            public void free(Pointer base) {
                Pointer.free(base);
            }
        };

        /** Zeroed bytes; null or a null pointer where the system gives none. */
        Pointer allocate(long bytes);

        /** Gives back what was allocated. */
        void free(Pointer base);
    }

    private final Place place;
    private final long bytes;
    private final MemoryUse use;
    private final Runnable beforeClose;
    private final Source source;
    private final Pointer base;
    private final long address;
    private boolean closed;

    /** As below, from the C library. */
    public NativeMemory(Place place, long bytes, MemoryUse use, Runnable beforeClose) {
        this(place, bytes, use, beforeClose, Source.C_LIBRARY);
    }

    /**
     * Allocates.
     *
     * @param use takes note of it
     * @param beforeClose called once, before the memory is given back
     */
    public NativeMemory(Place place, long bytes, MemoryUse use, Runnable beforeClose, Source source) {
        if (bytes < 0) {
            throw new IllegalArgumentException(bytes + " bytes of memory");
        }
        this.place = place;
        this.bytes = bytes;
        this.use = use;
        this.beforeClose = beforeClose;
        this.source = source;
        base = source.allocate(Math.addExact(bytes, (long) Arena.ALIGNMENT));
        if (base == null || base.isNull()) {
            throw new OutOfMemoryError("the system gives no " + bytes + " bytes of native memory");
        }
        address = (base.address() + Arena.ALIGNMENT - 1) / Arena.ALIGNMENT * Arena.ALIGNMENT;
        use.add(bytes);
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
        ByteBuffer window = length == 0
                ? ByteBuffer.allocateDirect(0)
                : new BytePointer(new NativeAddress(address + offset))
                        .capacity(length)
                        .asByteBuffer();
        return window.order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            beforeClose.run();
            source.free(base);
            use.subtract(bytes);
        }
    }
}
