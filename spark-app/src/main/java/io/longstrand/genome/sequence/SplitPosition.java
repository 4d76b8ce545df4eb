package io.longstrand.genome.sequence;

import java.io.Serializable;

/**
 * A place in a sequence file where reading may begin.
 *
 * @param block byte of the file; for BGZF the first byte of a block
 * @param offset bytes after that, counted in decompressed bytes; 0 unless compressed
 */
public record SplitPosition(long block, long offset) implements Serializable {
    /** The end of any file. */
    public static final SplitPosition END = new SplitPosition(Long.MAX_VALUE, 0);

    /** The beginning of any file. */
    public static final SplitPosition START = new SplitPosition(0, 0);
}
