package io.longstrand.attention;

/**
 * Heads of one attention layer as one device computes them.
 *
 * @param heads query heads
 * @param keyValueHeads key and value heads; divides heads: head h reads key head {@code h / (heads / keyValueHeads)}
 *     (Ainslie et al. 2023)
 * @param headSize elements of one head
 */
public record AttentionShape(int heads, int keyValueHeads, int headSize) {
    public AttentionShape {
        if (heads <= 0 || keyValueHeads <= 0 || headSize <= 0 || heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(
                    heads + " heads over " + keyValueHeads + " key-value heads of size " + headSize);
        }
    }

    /** Columns of queries, keys and values of a token side by side. */
    public int projectedColumns() {
        return (heads + 2 * keyValueHeads) * headSize;
    }

    /** Query heads that share one key head. */
    public int group() {
        return heads / keyValueHeads;
    }

    /** What scores are multiplied by: one over the root of the head size (Vaswani et al. 2017). */
    public float scale() {
        return (float) (1.0 / Math.sqrt(headSize));
    }
}
