package io.longstrand.tensor;

import java.nio.ByteBuffer;

/** A stretch of memory outside the Java heap: an address, a length in bytes and a place. */
public interface Memory extends AutoCloseable {
    /** Address of the first byte in the address space of {@link #place()}; a multiple of 64. */
    long address();

    /** Length in bytes; may exceed 2 GiB. */
    long bytes();

    /** Where this memory lives. */
    Place place();

    /**
     * A little-endian window of host memory. A ByteBuffer ends at 2 GiB, so larger memory is seen window by window.
     *
     * @param offset first byte of the window
     * @param length bytes of the window
     * @throws IllegalStateException when this memory is on the device
     * @throws IndexOutOfBoundsException when the window leaves the memory
     */
    ByteBuffer bytes(long offset, int length);

    /** Gives the memory back. Views into it must not be used afterwards. */
    @Override
    void close();
}
