package io.longstrand.genome.sequence;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads gzip (RFC 1952) member by member, and says where in the file each member begins. The JDK's stream stops
 * silently at a member's end when its source has nothing buffered, and does not tell a truncated file from a damaged
 * one.
 */
final class GzipInput implements Closeable {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int FLAG_CHECKSUM = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;

    private final InputStream input;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int next;
    private int end;
    private long bufferStart;
    private long memberStart;
    private long memberLength;
    private boolean inMember;

    /** @param input at the start of a member; closed with this; @param position where in the file that is */
    GzipInput(InputStream input, long position) {
        this.input = input;
        this.bufferStart = position;
    }

    /** Moves to the next member if the last has ended. @return false at the end of the file */
    boolean advance() throws IOException {
        if (inMember) {
            return true;
        }
        memberStart = bufferStart + next;
        int first = nextByteOrEnd();
        if (first < 0 || first == 0 && onlyZerosFollow()) {
            return false;
        }
        if (first != 0x1f || nextByte() != 0x8b) {
            throw MalformedInput.atByte(
                    memberStart, "not gzip data: the file was damaged or added to; download or compress it again");
        }
        readHeader();
        inflater.reset();
        checksum.reset();
        memberLength = 0;
        inMember = true;
        return true;
    }

    /** Where in the file the current member begins. */
    long memberStart() {
        return memberStart;
    }

    /** How many bytes of the current member have been read. */
    long memberOffset() {
        return memberLength;
    }

    /** Reads on in the current member. @return bytes read; 0 when the member has ended */
    int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            while (true) {
                int read = inflater.inflate(bytes, offset, length);
                if (read > 0) {
                    checksum.update(bytes, offset, read);
                    memberLength += read;
                    return read;
                }
                if (inflater.finished()) {
                    next = end - inflater.getRemaining();
                    readTrailer();
                    inMember = false;
                    return 0;
                }
                if (inflater.needsDictionary()) {
                    throw damaged();
                }
                if (inflater.needsInput()) {
                    // What was handed over is used up; header bytes were taken before.
                    if (next == end && !fill()) {
                        throw truncated();
                    }
                    inflater.setInput(buffer, next, end - next);
                    next = end;
                }
            }
        } catch (DataFormatException e) {
            throw damaged();
        }
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        input.close();
    }

    private void readHeader() throws IOException {
        if (nextByte() != 8) {
            throw damaged();
        }
        int flags = nextByte();
        skip(6);
        if ((flags & FLAG_EXTRA) != 0) {
            skip(nextByte() | nextByte() << 8);
        }
        if ((flags & FLAG_NAME) != 0) {
            skipText();
        }
        if ((flags & FLAG_COMMENT) != 0) {
            skipText();
        }
        if ((flags & FLAG_CHECKSUM) != 0) {
            skip(2);
        }
    }

    private void readTrailer() throws IOException {
        if (nextInt() != (int) checksum.getValue() || nextInt() != (int) memberLength) {
            throw damaged();
        }
    }

    private int nextInt() throws IOException {
        return nextByte() | nextByte() << 8 | nextByte() << 16 | nextByte() << 24;
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            nextByte();
        }
    }

    private void skipText() throws IOException {
        while (nextByte() != 0) {
            // The name or comment is of no use here.
        }
    }

    /** Files copied from tapes end in zeros, which gzip ignores. */
    private boolean onlyZerosFollow() throws IOException {
        int value = 0;
        while (value == 0) {
            value = nextByteOrEnd();
        }
        return value < 0;
    }

    private int nextByte() throws IOException {
        int value = nextByteOrEnd();
        if (value < 0) {
            throw truncated();
        }
        return value;
    }

    private int nextByteOrEnd() throws IOException {
        if (next == end && !fill()) {
            return -1;
        }
        return buffer[next++] & 0xff;
    }

    private boolean fill() throws IOException {
        bufferStart += end;
        next = 0;
        end = 0;
        int read = input.read(buffer, 0, buffer.length);
        if (read <= 0) {
            return false;
        }
        end = read;
        return true;
    }

    private MalformedInput truncated() {
        return MalformedInput.atByte(
                bufferStart + end, "gzip data ends in the middle: the file is truncated; download or copy it again");
    }

    private MalformedInput damaged() {
        return MalformedInput.atByte(
                memberStart,
                "gzip data that begins here is damaged (its checksum does not match); download or copy it again");
    }
}
