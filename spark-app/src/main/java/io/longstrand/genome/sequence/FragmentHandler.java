package io.longstrand.genome.sequence;

import java.io.IOException;

/** Receives the fragments of records that a task owns, in order. */
public interface FragmentHandler {

    /** @param record number of the record; @param start its base the fragment begins at */
    void beginFragment(int record, long start) throws IOException;

    /** The fragment's next letters, {@code letters[from, to)}, as {@link SequenceHandler#bases} gives them. */
    void bases(byte[] letters, int from, int to) throws IOException;

    /** Letters behind the fragment's end that belong to the next one: context for what began in this one. */
    void following(byte[] letters, int from, int to) throws IOException;

    void endFragment() throws IOException;
}
