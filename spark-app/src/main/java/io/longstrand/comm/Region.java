package io.longstrand.comm;

import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A stretch of host memory that is sent or received.
 *
 * @param windows what holds it
 * @param offset its first byte there
 * @param bytes its length; may exceed 2 GiB
 */
public record Region(Windows windows, long offset, long bytes) {
    private static final int COPY_BYTES = 64 << 20;

    /** Memory seen through little-endian windows; {@link io.longstrand.tensor.Memory#bytes} is one. */
    @FunctionalInterface
    public interface Windows {
        /** The window of some bytes. */
        ByteBuffer bytes(long offset, int length);
    }

    /**
     * The elements of a tensor.
     *
     * @throws IllegalArgumentException when it is on the device or its rows are not adjacent
     */
    public static Region of(Tensor tensor) {
        if (tensor.place() != Place.HOST || !tensor.isContiguous()) {
            throw new IllegalArgumentException(
                    tensor + " cannot be sent: copy it to adjacent rows in host memory first");
        }
        return new Region(tensor.memory()::bytes, tensor.offset(), tensor.bytes());
    }

    /** A part of it. */
    public Region part(long from, long length) {
        Objects.checkFromIndexSize(from, length, bytes);
        return new Region(windows, offset + from, length);
    }

    /** A window of a part of it. */
    public ByteBuffer window(long from, int length) {
        Objects.checkFromIndexSize(from, (long) length, bytes);
        return windows.bytes(offset + from, length);
    }

    /** Writes all its bytes to a region of the same length. */
    public void copyTo(Region target) {
        if (target.bytes != bytes) {
            throw new IllegalArgumentException(bytes + " bytes do not fill " + target.bytes);
        }
        for (long at = 0; at < bytes; at += COPY_BYTES) {
            int length = (int) Math.min(COPY_BYTES, bytes - at);
            target.window(at, length).put(window(at, length));
        }
    }
}
