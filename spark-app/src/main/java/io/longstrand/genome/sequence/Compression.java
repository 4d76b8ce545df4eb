package io.longstrand.genome.sequence;

/** How a file is compressed, told by its first bytes and not by its name. */
public enum Compression {
    NONE,
    /** Must be read from its beginning: one task reads the whole file. */
    GZIP,
    /** Blocked gzip (bgzip, SAM specification section 4.1): blocks of 64 KiB that can be read on their own. */
    BGZF
}
