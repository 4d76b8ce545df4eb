package io.longstrand.attention;

import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import io.longstrand.storage.RandomAccessInput;
import java.io.IOException;
import java.nio.file.AccessDeniedException;

/**
 * Pairs from a square bit matrix in a file: row after row of {@code length} bits, each filled up to whole bytes, the
 * first key in the lowest bit, as {@code numpy.packbits(mask, axis=1, bitorder="little").tofile(file)} writes it.
 */
final class FilePairs implements PairSource {
    private final String file;
    private final RandomAccessInput input;
    private final int rowBytes;

    /**
     * Opens the file.
     *
     * @param length tokens of a sequence
     * @throws UserError when there is none or it has another size
     */
    FilePairs(FileStore store, String file, int length) {
        this.file = file;
        rowBytes = rowBytes(length);
        check(store, file, length);
        try {
            input = store.openRandomAccess(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** @throws UserError when there is no such file or it has another size than a matrix of this length */
    static void check(FileStore store, String file, int length) {
        long expected = (long) length * rowBytes(length);
        try {
            if (!store.exists(file)) {
                throw new UserError("attention.mask.file = " + file + ": there is no such file");
            }
            long found = store.length(file);
            if (found != expected) {
                throw new UserError("attention.mask.file = " + file + ": holds " + found + " bytes; expected are "
                        + expected + ": " + length + " rows of " + rowBytes(length)
                        + " bytes for data.sequence-length = " + length);
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static UserError unreadable(String file, IOException e) {
        return new UserError("attention.mask.file = " + file + ": cannot be read: " + reason(e), e);
    }

    private static String reason(IOException e) {
        return e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
    }

    private static int rowBytes(int length) {
        return (length + Byte.SIZE - 1) / Byte.SIZE;
    }

    @Override
    public TileCoverage coverage(CustomMask.Pairs tile) {
        return TileCoverage.PARTIAL;
    }

    @Override
    public void row(int query, int documentStart, int from, int to, int[] words) {
        byte[] bytes = bits(query, from, to);
        int unused = bytes.length * Byte.SIZE - (to - from);
        bytes[bytes.length - 1] = (byte) (bytes[bytes.length - 1] & 0xFF >>> unused);
        for (int word = 0; word < words.length; word++) {
            words[word] = word(bytes, word * Integer.BYTES);
        }
        int ahead = query + 1 - from;
        for (int column = Math.max(0, ahead); column < to - from; column++) {
            if ((bytes[column / Byte.SIZE] >>> column % Byte.SIZE & 1) != 0) {
                throw new UserError(
                        "attention.mask.file = " + file + ": query " + query + " sees key " + (from + column)
                                + ", which comes after it and holds what the model is to predict; right are keys up to the"
                                + " query's own");
            }
        }
    }

    /** The bits of a row from a key on, the first of them the lowest of the first byte. */
    private byte[] bits(int query, int from, int to) {
        int shift = from % Byte.SIZE;
        byte[] read = new byte[(shift + to - from + Byte.SIZE - 1) / Byte.SIZE];
        read(query, from, read);
        if (shift == 0) {
            return read;
        }
        byte[] bytes = new byte[(to - from + Byte.SIZE - 1) / Byte.SIZE];
        for (int i = 0; i < bytes.length; i++) {
            int next = i + 1 < read.length ? read[i + 1] & 0xFF : 0;
            bytes[i] = (byte) ((read[i] & 0xFF) >>> shift | next << Byte.SIZE - shift);
        }
        return bytes;
    }

    private void read(int query, int from, byte[] bytes) {
        try {
            input.readFully((long) query * rowBytes + from / Byte.SIZE, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new RunFailure("attention.mask.file = " + file + ": cannot be read: " + reason(e), e);
        }
    }

    @Override
    public void close() {
        try {
            input.close();
        } catch (IOException e) {
            throw new RunFailure("attention.mask.file = " + file + ": cannot be closed: " + reason(e), e);
        }
    }

    private static int word(byte[] bytes, int at) {
        int word = 0;
        for (int i = 0; i < Integer.BYTES && at + i < bytes.length; i++) {
            word |= (bytes[at + i] & 0xFF) << i * Byte.SIZE;
        }
        return word;
    }
}
