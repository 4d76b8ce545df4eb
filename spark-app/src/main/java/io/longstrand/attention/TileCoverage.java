package io.longstrand.attention;

/** How much of a tile of scores is visible. */
public enum TileCoverage {
    /** Every query sees every key. */
    FULL,
    /** No query sees any key: the tile is skipped. */
    EMPTY,
    /** Some pairs may be visible: the tile needs a mask. */
    PARTIAL
}
