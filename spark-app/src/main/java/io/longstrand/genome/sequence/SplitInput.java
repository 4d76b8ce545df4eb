package io.longstrand.genome.sequence;

import io.longstrand.storage.FileStore;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** The decompressed bytes of a split, and, on request, of the file behind it. */
final class SplitInput implements Closeable {
    private final boolean compressed;
    private final InputStream plain;
    private final GzipInput gzip;
    private SplitPosition end;
    private long position;

    SplitInput(FileStore store, SequenceSplit split) throws IOException {
        compressed = split.source().compression() != Compression.NONE;
        end = split.end();
        position = split.start().block();
        plain = store.open(split.source().path(), position);
        gzip = new GzipInput(plain, position);
        if (compressed) {
            skip(split.start().offset());
        }
    }

    /** @return bytes read, at least 1, or −1 at the end of the split */
    int read(byte[] bytes) throws IOException {
        return compressed ? readCompressed(bytes) : readPlain(bytes);
    }

    /** From now on the split ends where the file does. */
    void passEnd() {
        end = SplitPosition.END;
    }

    /** The place of byte {@code index} of the {@code read} bytes read last. */
    SplitPosition position(int index, int read) {
        return compressed
                ? new SplitPosition(gzip.memberStart(), gzip.memberOffset() - read + index)
                : new SplitPosition(position - read + index, 0);
    }

    @Override
    public void close() throws IOException {
        gzip.close();
    }

    private int readPlain(byte[] bytes) throws IOException {
        int length = (int) Math.min(bytes.length, end.block() - position);
        if (length <= 0) {
            return -1;
        }
        int read = plain.read(bytes, 0, length);
        if (read <= 0) {
            return -1;
        }
        position += read;
        return read;
    }

    private int readCompressed(byte[] bytes) throws IOException {
        while (gzip.advance()) {
            long limit = bytes.length;
            if (gzip.memberStart() > end.block()) {
                return -1;
            }
            if (gzip.memberStart() == end.block()) {
                limit = Math.min(limit, end.offset() - gzip.memberOffset());
                if (limit <= 0) {
                    return -1;
                }
            }
            int read = gzip.read(bytes, 0, (int) limit);
            if (read > 0) {
                return read;
            }
        }
        return -1;
    }

    private void skip(long bytes) throws IOException {
        byte[] skipped = new byte[1 << 13];
        long left = bytes;
        while (left > 0 && gzip.advance()) {
            left -= gzip.read(skipped, 0, (int) Math.min(left, skipped.length));
        }
    }
}
