package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.ArrayList;
import java.util.List;

/**
 * Flash attention (Dao 2023) over the kernels: tiles of scores, running softmax, log-sum-exp kept, tiles recomputed in
 * the backward pass. The forward pass is split over the lanes by (sequence, head, tile of queries), the backward pass by
 * (sequence, key head), so every sum is formed inside one task, in an order that depends on the shapes alone.
 */
public final class FlashAttention implements Attention {
    private static final String OWNER = "attention tiles";

    /** Scratch of one lane; every tile is a view of its beginning. */
    private record Lane(
            Tensor scores, Tensor probabilitiesGradient, Tensor accumulator, Tensor rowMaximum, Tensor rowSum) {}

    /** Rows {@code from} to {@code to} of one sequence, for one head. */
    private record Queries(int sequence, int head, int from, int to) {
        int count() {
            return to - from;
        }
    }

    /** What to do with one tile over keys {@code from} to {@code to}. */
    @FunctionalInterface
    private interface TileWork {
        void run(int from, int to, TileMask mask, boolean firstTile);
    }

    private final Kernels kernels;
    private final AttentionShape shape;
    private final TileSize tile;
    private final List<Lane> lanes = new ArrayList<>();

    /**
     * Takes the scratch of every lane.
     *
     * @param type of the scores: the type of queries, keys and values
     */
    public FlashAttention(Kernels kernels, Arena device, AttentionShape shape, TileSize tile, DataType type) {
        this.kernels = kernels;
        this.shape = shape;
        this.tile = tile;
        long scores = (long) tile.queries() * tile.keys();
        for (int lane = 0; lane < kernels.lanes(); lane++) {
            lanes.add(new Lane(
                    device.allocate(OWNER, type, 1, scores),
                    device.allocate(OWNER, type, 1, scores),
                    device.allocate(OWNER, DataType.FLOAT32, tile.queries(), shape.headSize()),
                    device.allocate(OWNER, DataType.FLOAT32, 1, tile.queries()),
                    device.allocate(OWNER, DataType.FLOAT32, 1, tile.queries())));
        }
    }

    @Override
    public void forward(Tensors tensors, KeyRanges ranges) {
        int tiles = (ranges.length() + tile.queries() - 1) / tile.queries();
        long tasks = (long) ranges.sequences() * shape.heads() * tiles;
        kernels.parallel(tasks, (task, lane) -> {
            int sequence = (int) (task / tiles / shape.heads());
            int head = (int) (task / tiles % shape.heads());
            forward(tensors, ranges, queries(ranges, sequence, head, (int) (task % tiles)), lanes.get(lane));
        });
    }

    private void forward(Tensors tensors, KeyRanges ranges, Queries queries, Lane lane) {
        Tensor query = view(tensors.query(), ranges, queries); // (queries, headSize)
        Tensor accumulator = lane.accumulator().rows(0, queries.count()); // (queries, headSize)
        Tensor rowMaximum = lane.rowMaximum().columns(0, queries.count());
        Tensor rowSum = lane.rowSum().columns(0, queries.count());
        kernels.fill(accumulator, 0);
        kernels.fill(rowMaximum, Float.NEGATIVE_INFINITY);
        kernels.fill(rowSum, 0);
        forEachTile(ranges, queries, (from, to, mask, firstTile) -> {
            Tensor key = keys(tensors.key(), ranges, queries, from, to); // (keys, headSize)
            Tensor value = keys(tensors.value(), ranges, queries, from, to); // (keys, headSize)
            Tensor scores = tile(lane.scores(), queries.count(), to - from); // (queries, keys)
            kernels.matmul(MatrixProduct.withRightTransposed(query, key, scores));
            kernels.softmaxTile(scores, mask, shape.scale(), rowMaximum, rowSum, accumulator);
            kernels.matmul(MatrixProduct.of(scores, value, accumulator).accumulating());
        });
        kernels.softmaxFinish(
                accumulator,
                rowMaximum,
                rowSum,
                view(tensors.out(), ranges, queries),
                statistics(tensors.logSumExp(), ranges, queries));
    }

    @Override
    public void backward(Tensors tensors, TensorGradients gradients, KeyRanges ranges) {
        int tiles = (ranges.length() + tile.queries() - 1) / tile.queries();
        long tasks = (long) ranges.sequences() * shape.keyValueHeads();
        kernels.parallel(tasks, (task, lane) -> {
            int sequence = (int) (task / shape.keyValueHeads());
            int firstHead = (int) (task % shape.keyValueHeads()) * shape.group();
            Queries any = queries(ranges, sequence, firstHead, 0);
            kernels.fill(keys(gradients.key(), ranges, any, 0, ranges.length()), 0);
            kernels.fill(keys(gradients.value(), ranges, any, 0, ranges.length()), 0);
            for (int head = firstHead; head < firstHead + shape.group(); head++) {
                for (int index = 0; index < tiles; index++) {
                    backward(tensors, gradients, ranges, queries(ranges, sequence, head, index), lanes.get(lane));
                }
            }
        });
    }

    private void backward(Tensors tensors, TensorGradients gradients, KeyRanges ranges, Queries queries, Lane lane) {
        Tensor query = view(tensors.query(), ranges, queries); // (queries, headSize)
        Tensor queryGradient = view(gradients.query(), ranges, queries); // (queries, headSize)
        Tensor outGradient = view(gradients.out(), ranges, queries); // (queries, headSize)
        Tensor logSumExp = statistics(tensors.logSumExp(), ranges, queries); // (1, queries)
        Tensor delta = lane.rowSum().columns(0, queries.count()); // (1, queries)
        kernels.rowDots(view(tensors.out(), ranges, queries), outGradient, delta);
        boolean seen = forEachTile(ranges, queries, (from, to, mask, firstTile) -> {
            Tensor key = keys(tensors.key(), ranges, queries, from, to); // (keys, headSize)
            Tensor value = keys(tensors.value(), ranges, queries, from, to); // (keys, headSize)
            Tensor keyGradient = keys(gradients.key(), ranges, queries, from, to); // (keys, headSize)
            Tensor valueGradient = keys(gradients.value(), ranges, queries, from, to); // (keys, headSize)
            Tensor scores = tile(lane.scores(), queries.count(), to - from); // Q·Kᵀ, then P
            Tensor scoresGradient = tile(lane.probabilitiesGradient(), queries.count(), to - from); // dP, then dS
            kernels.matmul(MatrixProduct.withRightTransposed(query, key, scores));
            kernels.matmul(MatrixProduct.withRightTransposed(outGradient, value, scoresGradient));
            kernels.softmaxTileBackward(scores, mask, shape.scale(), logSumExp, delta, scoresGradient);
            kernels.matmul(MatrixProduct.withLeftTransposed(scores, outGradient, valueGradient)
                    .accumulating());
            kernels.matmul(MatrixProduct.withLeftTransposed(scoresGradient, query, keyGradient)
                    .accumulating());
            MatrixProduct toQuery = MatrixProduct.of(scoresGradient, key, queryGradient);
            kernels.matmul(firstTile ? toQuery : toQuery.accumulating());
        });
        if (!seen) {
            kernels.fill(queryGradient, 0);
        }
    }

    /** Runs the work on every tile that is not empty, from the first key on; says whether there was one. */
    private boolean forEachTile(KeyRanges ranges, Queries queries, TileWork work) {
        KeyRanges.Span span = ranges.span(queries.sequence(), queries.from(), queries.to());
        int start = span.first() / TileSize.STEP * TileSize.STEP;
        int end = Math.min(ranges.length(), (span.end() + TileSize.STEP - 1) / TileSize.STEP * TileSize.STEP);
        boolean seen = false;
        for (int from = start; from < end; from += tile.keys()) {
            int to = Math.min(end, from + tile.keys());
            KeyRanges.Tile kind = span.tile(from, to);
            if (kind != KeyRanges.Tile.EMPTY) {
                TileMask mask = kind == KeyRanges.Tile.FULL
                        ? new TileMask.Full()
                        : ranges.mask(queries.sequence(), queries.from(), queries.to(), from);
                work.run(from, to, mask, !seen);
                seen = true;
            }
        }
        return seen;
    }

    private Queries queries(KeyRanges ranges, int sequence, int head, int index) {
        int from = index * tile.queries();
        return new Queries(sequence, head, from, Math.min(ranges.length(), from + tile.queries()));
    }

    /** A head's columns of a tile of queries: (queries, headSize). */
    private Tensor view(Tensor all, KeyRanges ranges, Queries queries) {
        long start = (long) queries.sequence() * ranges.length();
        long column = (long) queries.head() * shape.headSize();
        return all.rows(start + queries.from(), start + queries.to()).columns(column, column + shape.headSize());
    }

    /** The columns of the key head a query head reads, for a tile of keys: (keys, headSize). */
    private Tensor keys(Tensor all, KeyRanges ranges, Queries queries, int from, int to) {
        long start = (long) queries.sequence() * ranges.length();
        long column = (long) (queries.head() / shape.group()) * shape.headSize();
        return all.rows(start + from, start + to).columns(column, column + shape.headSize());
    }

    /** A head's row of a (heads, tokens) tensor, for a tile of queries: (1, queries). */
    private Tensor statistics(Tensor all, KeyRanges ranges, Queries queries) {
        long start = (long) queries.sequence() * ranges.length();
        return all.rows(queries.head(), queries.head() + 1L).columns(start + queries.from(), start + queries.to());
    }

    private static Tensor tile(Tensor scratch, long rows, long columns) {
        return scratch.columns(0, rows * columns).reshape(rows, columns);
    }
}
