package io.longstrand.conformance;

/** How a tensor lies in memory. */
public enum Placing {
    /** Alone, its rows adjacent. */
    CONTIGUOUS,
    /** A view of some columns of a wider tensor, as one head is of all heads: unaligned, rows apart. */
    VIEW
}
