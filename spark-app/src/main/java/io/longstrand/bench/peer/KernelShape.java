package io.longstrand.bench.peer;

/**
 * What kernels are measured over.
 *
 * @param rows of the activations: tokens
 * @param columns of the activations: the hidden width, a multiple of {@link #HEAD_SIZE}
 */
public record KernelShape(int rows, int columns) {
    /** Elements of one attention head. */
    public static final int HEAD_SIZE = 64;
    /** Rows of a tile of attention scores. */
    public static final int TILE_QUERIES = 128;
    /** Columns of a tile of attention scores. */
    public static final int TILE_KEYS = 512;
    /** Token ids: 3-mers and the special tokens. */
    public static final int VOCABULARY = 70;

    /** Elements of the activations. */
    public long elements() {
        return (long) rows * columns;
    }
}
