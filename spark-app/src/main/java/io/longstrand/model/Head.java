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
 * ever exist for more than one tile, and in training a tile's backward pass runs while its logits are there.
 */
final class Head {
    private static final String OWNER = "loss tile";
    /** Logits of one tile, unless its size is given: 4 MiB in FLOAT32. */
    private static final long TILE_ELEMENTS = 1L << 20;

    private static final long MOST_ROWS = 1024;
    private static final long FEWEST_ROWS = 64;

    private final Kernels kernels;
    private final Arena device;
    private final ModelShape shape;
    private final OptionalInt tile;
    private final Weights weights;
    private final Layout layout;
    private final Norm norm;
    private final Parameter output; // (vocabulary, hidden): the token embedding when tied

    Head(ModelParts parts) {
        kernels = parts.kernels();
        device = parts.device();
        shape = parts.shape();
        tile = parts.form().lossTile();
        weights = parts.weights();
        layout = parts.layout();
        norm = parts.norm("head.norm");
        output = parts.parameters().named(shape.tied() ? "embedding.token.weight" : "head.output.weight");
    }

    /** The unit that holds the output matrix. */
    int outputUnit() {
        return output.unit();
    }

    /** Scratch of one tile of tokens. */
    private record Tile(Tensor normed, Norm.Statistics statistics, Tensor logits) {
        Tile first(long rows) {
            return new Tile(normed.rows(0, rows), statistics.rows(0, rows), logits.rows(0, rows));
        }
    }

    /** Writes the batch's losses. @param stream (tokens, hidden) */
    void losses(Batch batch, Tensor stream) {
        Arena.Mark mark = device.mark();
        Tiles tiles = tiles(stream.rows());
        Tile scratch = allocate(tiles.height(), stream.type());
        tiles.run((from, to) -> {
            Tile tile = scratch.first(to - from);
            project(stream.rows(from, to), tile);
            crossEntropy(batch, from, to, tile, Optional.empty());
        });
        device.release(mark);
    }

    /**
     * Writes the batch's losses and adds the gradients of everything in this layer.
     *
     * @param stream (tokens, hidden)
     * @param streamGradient (tokens, hidden), added to
     */
    void lossesAndGradients(Batch batch, Tensor stream, Tensor streamGradient, Gradients gradients) {
        Arena.Mark mark = device.mark();
        Tiles tiles = tiles(stream.rows());
        Tile scratch = allocate(tiles.height(), stream.type());
        tiles.run((from, to) -> {
            Tile tile = scratch.first(to - from);
            project(stream.rows(from, to), tile);
            crossEntropy(batch, from, to, tile, Optional.of(tile.logits())); // from here on their gradient
            kernels.matmul(MatrixProduct.withLeftTransposed(tile.logits(), tile.normed(), gradients.of(output))
                    .accumulating());
            kernels.matmul(MatrixProduct.of(tile.logits(), weights.of(output), tile.normed())); // its gradient
            norm.backward(
                    tile.normed(), stream.rows(from, to), tile.statistics(), gradients, streamGradient.rows(from, to));
        });
        device.release(mark);
    }

    /** Logits of some rows. @param rows (rows, hidden) of the stream @param out (rows, vocabulary), written */
    void logits(Tensor rows, Tensor out) {
        Arena.Mark mark = device.mark();
        Tile scratch = allocate(rows.rows(), rows.type());
        project(rows, new Tile(scratch.normed(), scratch.statistics(), out));
        device.release(mark);
    }

    private Tiles tiles(long tokens) {
        long fitting = Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, TILE_ELEMENTS / shape.vocabulary()));
        return new Tiles(kernels, tokens, tile.isPresent() ? tile.getAsInt() : fitting);
    }

    private Tile allocate(long rows, DataType type) {
        return new Tile(
                device.allocate(OWNER, type, rows, shape.hidden()),
                norm.room(device, OWNER, rows),
                device.allocate(OWNER, type, rows, shape.vocabulary()));
    }

    private void project(Tensor rows, Tile tile) {
        norm.forward(rows, tile.normed(), tile.statistics());
        kernels.matmul(MatrixProduct.withRightTransposed(tile.normed(), weights.of(output), tile.logits()));
    }

    private void crossEntropy(Batch batch, long from, long to, Tile tile, Optional<Tensor> gradient) {
        layout.crossEntropy(
                tile.logits(),
                batch.labels().columns(from, to),
                batch.weights().columns(from, to),
                batch.losses().columns(from, to),
                gradient);
    }
}
