package io.longstrand.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Positional reads of a local file: Hadoop's local stream seeks under a lock, a channel does not. */
final class LocalRandomAccessInput implements RandomAccessInput {
    private final Path path;
    private final FileChannel channel;
    private final long length;

    LocalRandomAccessInput(Path path) throws IOException {
        this.path = path;
        this.channel = FileChannel.open(path, StandardOpenOption.READ);
        this.length = channel.size();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void readFully(long position, byte[] buffer, int offset, int count) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(buffer, offset, count);
        long at = position;
        while (target.hasRemaining()) {
            int read = channel.read(target, at);
            if (read < 0) {
                throw new EOFException(path + " ends at byte " + at + ", " + target.remaining() + " bytes short");
            }
            at += read;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
