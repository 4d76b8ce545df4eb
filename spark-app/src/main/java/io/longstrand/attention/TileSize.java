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
     * The tile for sequences of a length. At 2,048 tokens and head size 64 on the cpu backend, 128 queries by 512 keys
     * were faster than twice as many queries, which waste more of the causal diagonal, and than half as many keys; at
     * 128 tokens one tile of everything was as fast as four.
     */
    public static TileSize forLength(int length) {
        int rounded = (length + STEP - 1) / STEP * STEP;
        return new TileSize(Math.min(128, rounded), Math.min(512, rounded));
    }

    /** The last multiple of the step up to a key. */
    static int roundDown(int key) {
        return key / STEP * STEP;
    }

    /** The first multiple of the step from a key. */
    static int roundUp(int key) {
        return (key + STEP - 1) / STEP * STEP;
    }

    /** One tile over whole sequences. */
    static TileSize whole(int length) {
        int rounded = (length + STEP - 1) / STEP * STEP;
        return new TileSize(rounded, rounded);
    }

    /** Tiles of queries of a sequence. */
    int queryTiles(int length) {
        return (length + queries - 1) / queries;
    }

    /** Tiles of keys of a sequence. */
    int keyTiles(int length) {
        return (length + keys - 1) / keys;
    }
}
