package io.longstrand.genome.sequence;

import java.io.IOException;

/** Receives records as a {@link SequenceScanner} comes upon them: a header, then its letters in pieces of any size. */
public interface SequenceHandler {

    void beginRecord(RecordHeader header) throws IOException;

    /**
     * The open record's next letters, {@code letters[from, to)}: IUPAC codes with U as T, lower case where the file
     * marks repeats. The array is the scanner's and changes after the call.
     */
    void bases(byte[] letters, int from, int to) throws IOException;
}
