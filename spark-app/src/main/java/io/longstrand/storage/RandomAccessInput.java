package io.longstrand.storage;

import java.io.Closeable;
import java.io.IOException;

/** A file read at any position; several threads may read at once. */
public interface RandomAccessInput extends Closeable {

    /** Length of the file in bytes. */
    long length();

    /**
     * Fills {@code buffer[offset, offset + length)} from {@code position}.
     *
     * @throws java.io.EOFException when the file ends before {@code length} bytes
     */
    void readFully(long position, byte[] buffer, int offset, int length) throws IOException;
}
