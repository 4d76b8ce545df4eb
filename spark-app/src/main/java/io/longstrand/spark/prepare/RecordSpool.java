package io.longstrand.spark.prepare;

import io.longstrand.genome.sequence.Complement;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The letters of one record in a temporary file, to be read again in any order without holding them in memory. */
final class RecordSpool implements Closeable {
    private static final int PIECE = 1 << 16;

    /** Receives letters in pieces. */
    interface Letters {
        void add(byte[] letters, int from, int to) throws IOException;
    }

    private final FileChannel file;
    private final byte[] piece = new byte[PIECE];
    private long length;

    /** @param path of a file that is made here and deleted on close */
    RecordSpool(Path path) throws IOException {
        file = FileChannel.open(
                path,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** Forgets what it holds. */
    void clear() throws IOException {
        file.truncate(0);
        length = 0;
    }

    void add(byte[] letters, int from, int to) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(letters, from, to - from);
        while (source.hasRemaining()) {
            length += file.write(source, length);
        }
    }

    long length() {
        return length;
    }

    /** Gives the letters from {@code start} to {@code end}. */
    void forward(long start, long end, Letters target) throws IOException {
        for (long at = start; at < end; at += PIECE) {
            int length = (int) Math.min(PIECE, end - at);
            read(at, length);
            target.add(piece, 0, length);
        }
    }

    /** Gives the reverse complement of the letters from {@code start} to {@code end}. */
    void reverse(long start, long end, Letters target) throws IOException {
        for (long at = end; at > start; at -= PIECE) {
            int length = (int) Math.min(PIECE, at - start);
            read(at - length, length);
            Complement.reverse(piece, 0, length);
            target.add(piece, 0, length);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void read(long position, int length) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(piece, 0, length);
        while (target.hasRemaining()) {
            if (file.read(target, position + target.position()) < 0) {
                throw new EOFException("spool ends at " + position);
            }
        }
    }
}
