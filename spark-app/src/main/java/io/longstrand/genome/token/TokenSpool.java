package io.longstrand.genome.token;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Bytes that wait for their turn to be written. A few stay in memory: an assembly has many short records, and a
 * temporary file for each would take longer than the rest of the work. More go to a file.
 */
final class TokenSpool implements Closeable {
    private static final int MEMORY_BYTES = 1 << 18;

    private final Path directory;
    private final byte[] memory = new byte[MEMORY_BYTES];
    private int filled;
    private Path file;
    private OutputStream output;

    /** @param directory for the temporary file, local */
    TokenSpool(Path directory) {
        this.directory = directory;
    }

    /** Adds {@code bytes[0, length)}. */
    void write(byte[] bytes, int length) throws IOException {
        if (output == null && length <= memory.length - filled) {
            System.arraycopy(bytes, 0, memory, filled, length);
            filled += length;
            return;
        }
        if (output == null) {
            file = Files.createTempFile(directory, "tokens", ".spool");
            output = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
            output.write(memory, 0, filled);
            filled = 0;
        }
        output.write(bytes, 0, length);
    }

    /** Writes all bytes to {@code target} and is empty afterwards. */
    void drainTo(OutputStream target) throws IOException {
        if (output == null) {
            target.write(memory, 0, filled);
            filled = 0;
        } else {
            output.close();
            Files.copy(file, target);
            close();
        }
    }

    /** Forgets what it holds. */
    @Override
    public void close() throws IOException {
        filled = 0;
        if (output != null) {
            output.close();
            Files.deleteIfExists(file);
            output = null;
        }
    }
}
