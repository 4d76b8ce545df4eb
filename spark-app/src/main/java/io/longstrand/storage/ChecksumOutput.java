package io.longstrand.storage;

import java.io.IOException;
import java.io.OutputStream;

/** Passes bytes on while counting them and taking their checksum. */
public final class ChecksumOutput extends OutputStream {
    private final OutputStream output;
    private final Checksum checksum = new Checksum();
    private final byte[] single = new byte[1];
    private long bytes;

    /** @param output closed with this */
    public ChecksumOutput(OutputStream output) {
        this.output = output;
    }

    @Override
    public void write(int value) throws IOException {
        single[0] = (byte) value;
        write(single, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
        output.write(buffer, offset, length);
        checksum.update(buffer, offset, length);
        bytes += length;
    }

    @Override
    public void flush() throws IOException {
        output.flush();
    }

    @Override
    public void close() throws IOException {
        output.close();
    }

    /** Bytes written so far. */
    public long bytes() {
        return bytes;
    }

    /** SHA-256 of all bytes written; to be asked once, after the last of them. */
    public String checksum() {
        return checksum.value();
    }
}
