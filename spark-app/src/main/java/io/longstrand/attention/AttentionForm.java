package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;

/** How attention is computed. Both forms compute the same up to rounding. */
public enum AttentionForm {
    /** {@link FlashAttention}: tile by tile, whatever the length. */
    FLASH {
        @Override
        public TileSize tile(int length) {
            return TileSize.forLength(length);
        }

        @Override
        public Attention over(Kernels kernels, Arena device, AttentionShape shape, AttentionMask mask, DataType type) {
            return new FlashAttention(kernels, device, shape, mask.tile(), type);
        }
    },

    /** {@link NaiveAttention}: whole matrices, kept for every layer, in FLOAT32. */
    NAIVE {
        @Override
        public TileSize tile(int length) {
            return TileSize.whole(length);
        }

        @Override
        public Attention over(Kernels kernels, Arena device, AttentionShape shape, AttentionMask mask, DataType type) {
            if (type != DataType.FLOAT32) {
                throw new IllegalArgumentException("naive attention is FLOAT32 only");
            }
            return new NaiveAttention(kernels, device, shape, mask);
        }
    };

    /** The tiles its masks come in. */
    public abstract TileSize tile(int length);

    /**
     * Attention of a model.
     *
     * @param device where it takes what it needs: for the time of a pass, or for good when {@link Attention#ofLayer} is
     *     called
     * @param mask of the batches it will attend to, in {@link #tile}
     * @param type of queries, keys, values and their gradients
     */
    public abstract Attention over(
            Kernels kernels, Arena device, AttentionShape shape, AttentionMask mask, DataType type);
}
