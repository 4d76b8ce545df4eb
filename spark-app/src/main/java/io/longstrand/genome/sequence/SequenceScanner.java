package io.longstrand.genome.sequence;

import java.io.IOException;

/** Turns the bytes of a file, given in pieces of any size, into calls of a {@link SequenceHandler}. */
public interface SequenceScanner {

    /**
     * Takes the next bytes, {@code bytes[from, to)}.
     *
     * @throws MalformedInput at the first byte that no valid file holds there
     */
    void feed(byte[] bytes, int from, int to) throws IOException;

    /** The bytes have ended. @throws MalformedInput when they end where no valid file does */
    void finish() throws IOException;

    /** Lines ended so far. */
    long lines();
}
