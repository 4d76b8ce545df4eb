package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;

/**
 * What both passes of flash attention are made of.
 *
 * @param device where scratch is taken
 * @param type of queries, keys and values
 */
record FlashParts(Kernels kernels, Arena device, AttentionShape shape, TileSize tile, DataType type) {
    static final String OWNER = "attention tiles";

    /** Room for a tile of scores; every tile is a view of its beginning. */
    Tensor scores(DataType elements) {
        return device.allocate(OWNER, elements, 1, (long) tile.queries() * tile.keys());
    }

    /** A tile of the compute type beside a FLOAT32 one; the same one when it has that type. */
    Tensor narrowed(Tensor scores) {
        return type == DataType.FLOAT32 ? scores : scores(type);
    }

    /** Room for a packed tile of keys, or of values. */
    SharedKeys sharedKeys() {
        return new SharedKeys(
                kernels, device.allocate(OWNER, type, 1, MatrixProduct.packedElements(shape.headSize(), tile.keys())));
    }

    Tensor floats(long rows, long columns) {
        return device.allocate(OWNER, DataType.FLOAT32, rows, columns);
    }

    /** The beginning of a tile's room: (rows, columns). */
    static Tensor part(Tensor room, long rows, long columns) {
        return room.columns(0, rows * columns).reshape(rows, columns);
    }
}
