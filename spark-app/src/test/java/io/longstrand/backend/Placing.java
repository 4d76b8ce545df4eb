package io.longstrand.backend;

/** How a test tensor lies in memory. */
enum Placing {
    /** Alone, its rows adjacent. */
    CONTIGUOUS,
    /** A view of some columns of a wider tensor, as one head is of all heads: unaligned, rows apart. */
    VIEW
}
