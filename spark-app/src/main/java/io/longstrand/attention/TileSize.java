package io.longstrand.attention;

/**
 * Rows and columns of the tiles of scores that exist at a time.
 *
 * @param queries rows
 * @param keys most columns
 */
public record TileSize(int queries, int keys) {
    /** Widths are multiples of this, so a mask of many documents does not make many shapes of products. */
    static final int STEP = 64;

    public TileSize {
        if (queries <= 0 || keys <= 0 || keys % STEP != 0) {
            throw new IllegalArgumentException("a tile of " + queries + " queries and " + keys + " keys");
        }
    }

    /**
     * The tile for sequences of a length: large enough that the products run at full speed, small enough that a tile,
     * its gradient and its keys stay in a core's second-level cache and little of the causal diagonal is wasted.
     */
    public static TileSize forLength(int length) {
        int queries = length <= 1024 ? 128 : 256;
        int rounded = (length + STEP - 1) / STEP * STEP;
        return new TileSize(Math.min(queries, rounded), Math.min(512, rounded));
    }
}
