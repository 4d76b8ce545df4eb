package io.longstrand.checkpoint;

import io.longstrand.storage.Checksum;
import java.io.IOException;
import java.io.OutputStream;

/** Counts and digests what passes through, so a file need not be read again for its checksum. */
final class ChecksummedOutput extends OutputStream {
    private final OutputStream output;
    private final Checksum checksum = new Checksum();
    private long bytes;

    ChecksummedOutput(OutputStream output) {
        this.output = output;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
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

    /** The file as the manifest lists it. */
    CheckpointManifest.File file(String name) {
        return new CheckpointManifest.File(name, bytes, checksum.value());
    }
}
