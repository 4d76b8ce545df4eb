package io.longstrand.zero;

import io.longstrand.config.RunFailure;
import io.longstrand.storage.ScratchDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The file that holds the activations of a rank's layers between the passes. It is opened when the first is written and
 * ends with its owner. Written and read by one thread after the other.
 */
final class ActivationFile implements AutoCloseable {
    static final String KEY = "memory.offload.directory";

    private final ScratchDisk disk;
    private final Path directory;
    private final long needed;
    private FileChannel channel;

    /** @param needed bytes a pass writes, for messages */
    ActivationFile(ScratchDisk disk, Path directory, long needed) {
        this.disk = disk;
        this.directory = directory;
        this.needed = needed;
    }

    /**
     * Writes all bytes.
     *
     * @throws io.longstrand.config.UserError when there is no such directory
     * @throws RunFailure naming directory and bytes when the disk is full or fails
     */
    synchronized void write(ByteBuffer bytes, long position) {
        try {
            if (channel == null) {
                channel = disk.open(directory);
            }
            long at = position;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        } catch (IOException e) {
            throw failure("writing activations failed", e);
        }
    }

    /** Fills the buffer. @throws RunFailure when the file ends before that, or the disk fails */
    synchronized void read(ByteBuffer bytes, long position) {
        try {
            long at = position;
            while (bytes.hasRemaining()) {
                int count = channel.read(bytes, at);
                if (count < 0) {
                    throw new IOException("the file ends at byte " + at + ", " + bytes.remaining()
                            + " before the end of what was written");
                }
                at += count;
            }
        } catch (IOException e) {
            throw failure("reading activations back failed", e);
        }
    }

    private RunFailure failure(String what, IOException cause) {
        OptionalLong free = free();
        return new RunFailure(
                KEY + " = " + directory + ": " + what + ": " + cause.getMessage() + "; a step needs " + needed
                        + " bytes there"
                        + (free.isPresent() ? " and " + free.getAsLong() + " are free" : "")
                        + "; make room or name another directory, then resume",
                cause);
    }

    private OptionalLong free() {
        try {
            return OptionalLong.of(Files.getFileStore(directory).getUsableSpace());
        } catch (IOException e) {
            return OptionalLong.empty(); // the message is as good without
        }
    }

    @Override
    public synchronized void close() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw failure("closing failed", e);
        }
    }
}
