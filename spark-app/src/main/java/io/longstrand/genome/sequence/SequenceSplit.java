package io.longstrand.genome.sequence;

import java.io.Serializable;

/**
 * A stretch of a sequence file that one task reads. It owns exactly the bytes from {@code start} to {@code end}, and
 * begins either at a line or inside a long sequence line, never inside a header.
 *
 * @param source the file
 * @param start its first byte
 * @param end one past its last byte
 * @param inLine whether it begins inside a sequence line
 */
public record SequenceSplit(SequenceSource source, SplitPosition start, SplitPosition end, boolean inLine)
        implements Serializable {

    /** Whether it begins the file. */
    public boolean first() {
        return start.equals(SplitPosition.START);
    }
}
