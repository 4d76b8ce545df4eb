package io.longstrand.model;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Final norm, output matrix and cross-entropy, tile of tokens by tile of tokens: neither the normed rows nor the logits
 * ever exist for more than one tile, and in training a tile's backward pass runs while its logits are there. Ranks that
 * share the vocabulary have the logits of their part of it for as many rows of each of them.
 */
final class Head {
    private static final String OWNER = "loss tile";
    /** Logits of one tile, unless its size is given: 4 MiB in FLOAT32. */
    private static final long TILE_ELEMENTS = 1L << 20;

    private static final long MOST_ROWS = 1024;
    private static final long FEWEST_ROWS = 64;

    private final Kernels kernels;
    private final Arena device;
    private final ModelShare share;
    private final OptionalInt tile;
    private final Weights weights;
    private final Layout layout;
    private final Norm norm;
    private final Parameter output; // (vocabulary of this rank, hidden): the token embedding when tied

    Head(ModelParts parts) {
        kernels = parts.kernels();
        device = parts.device();
        share = parts.share();
        tile = parts.form().lossTile();
        weights = parts.weights();
        layout = parts.layout();
        norm = parts.norm("head.norm");
        output = parts.parameters().named(share.shape().tied() ? "embedding.token.weight" : "head.output.weight");
    }

    /** The unit that holds the output matrix. */
    int outputUnit() {
        return output.unit();
    }

    /**
     * Scratch of one tile of tokens.
     *
     * @param normed (rows, hidden), of this rank
     * @param block (rows of all ranks, hidden)
     * @param logits (rows of all ranks, vocabulary of this rank)
     */
    private record Tile(Tensor normed, Norm.Statistics statistics, Tensor block, Tensor logits) {
        Tile first(long rows, int parts) {
            return new Tile(
                    normed.rows(0, rows),
                    statistics.rows(0, rows),
                    block.rows(0, parts * rows),
                    logits.rows(0, parts * rows));
        }
    }

    /** Writes the batch's losses. @param stream (rows, hidden) */
    void losses(Batch batch, Tensor stream) {
        Arena.Mark mark = device.mark();
        Tiles tiles = tiles(stream.rows());
        Tile scratch = allocate(tiles.height(), stream.type());
        tiles.run((from, to) -> {
            Tile tile = scratch.first(to - from, share.parts());
            project(stream.rows(from, to), tile);
            layout.crossEntropy(tile.logits(), batch, from, to, Optional.empty());
        });
        device.release(mark);
    }

    /**
     * Writes the batch's losses and adds the gradients of everything in this layer.
     *
     * @param stream (rows, hidden); overwritten by its gradient
     */
    void lossesAndGradients(Batch batch, Tensor stream, Gradients gradients) {
        Arena.Mark mark = device.mark();
        Tiles tiles = tiles(stream.rows());
        Tile scratch = allocate(tiles.height(), stream.type());
        Tensor streamGradient = device.allocate(OWNER, stream.type(), tiles.height(), stream.columns());
        tiles.run((from, to) -> {
            Tile tile = scratch.first(to - from, share.parts());
            Tensor rows = stream.rows(from, to);
            Tensor rowsGradient = streamGradient.rows(0, to - from);
            project(rows, tile);
            Tensor gradient = tile.logits(); // in their place
            layout.crossEntropy(tile.logits(), batch, from, to, Optional.of(gradient));
            kernels.matmul(MatrixProduct.withLeftTransposed(gradient, tile.block(), gradients.of(output))
                    .accumulating());
            kernels.matmul(MatrixProduct.of(gradient, weights.of(output), tile.block())); // of the normed rows
            kernels.fill(rowsGradient, 0);
            norm.backward(
                    layout.leave(tile.block(), tile.normed(), 1), rows, tile.statistics(), gradients, rowsGradient);
            kernels.copy(rowsGradient, rows);
        });
        device.release(mark);
    }

    /**
     * Logits of some rows.
     *
     * @param rows (rows, hidden) of the stream, of whatever rank
     * @param out (rows, vocabulary of this rank), written
     */
    void logits(Tensor rows, Tensor out) {
        Arena.Mark mark = device.mark();
        Tensor normed = device.allocate(OWNER, rows.type(), rows.rows(), rows.columns());
        norm.forward(rows, normed, norm.room(device, OWNER, rows.rows()));
        product(normed, out);
        device.release(mark);
    }

    private Tiles tiles(long rows) {
        long fitting = Math.max(
                FEWEST_ROWS, Math.min(MOST_ROWS, TILE_ELEMENTS / share.shape().vocabulary()));
        return new Tiles(kernels, rows, share.streamHeight(tile.isPresent() ? tile.getAsInt() : fitting));
    }

    private Tile allocate(long rows, DataType type) {
        Tensor normed = device.allocate(OWNER, type, rows, share.shape().hidden());
        Tensor block = layout.blockRows(device, normed);
        return new Tile(
                normed,
                norm.room(device, OWNER, rows),
                block,
                device.allocate(OWNER, type, block.rows(), share.vocabulary().count()));
    }

    private void project(Tensor rows, Tile tile) {
        norm.forward(rows, tile.normed(), tile.statistics());
        product(layout.enter(tile.normed(), tile.block(), 1), tile.logits());
    }

    private void product(Tensor normed, Tensor logits) {
        kernels.matmul(MatrixProduct.withRightTransposed(normed, weights.of(output), logits));
    }
}
