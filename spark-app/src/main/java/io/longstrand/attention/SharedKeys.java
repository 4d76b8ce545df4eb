package io.longstrand.attention;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.OperandPacking;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * A tile of keys, or values, that several tiles of queries are multiplied with. Where the kernels pack, it is packed when
 * it is first used as a whole, instead of anew in every product: transposing it costs a sixth of one.
 */
final class SharedKeys {
    private final Kernels kernels;
    private final Optional<OperandPacking> packing;
    private final Tensor room; // (1, elements of a packed tile)
    private Tensor keys; // (keys, headSize)
    private boolean packed;
    private boolean shared;

    /** @param room for {@link MatrixProduct#packedElements} of a whole tile */
    SharedKeys(Kernels kernels, Tensor room) {
        this.kernels = kernels;
        packing = kernels.packing();
        this.room = room;
    }

    /** Turns to a tile. @param tile (keys, headSize) @param uses whether more than one product will use it */
    void look(Tensor tile, boolean uses) {
        keys = tile;
        packed = false;
        shared = uses && packing.isPresent();
    }

    /** {@code out = left · someᵀ}. @param left (queries, headSize) @param some rows of the tile @param out (queries, keys) */
    void multiply(Tensor left, Tensor some, Tensor out) {
        if (!shared || some.rows() < keys.rows()) {
            kernels.matmul(MatrixProduct.withRightTransposed(left, some, out));
            return;
        }
        Tensor panel = room.columns(0, keys.elements()).reshape(keys.columns(), keys.rows());
        if (!packed) {
            packing.orElseThrow().packRight(keys, true, panel);
            packed = true;
        }
        kernels.matmul(MatrixProduct.withRightPacked(left, panel, out));
    }
}
