package io.longstrand.attention;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The forward pass of {@link FlashAttention} over a block of queries and keys, split over the lanes by (sequence, head,
 * some tiles of queries). Takes its scratch when it is made.
 *
 * <p>Blocks of keys may come one after the other: an output and its log-sum-exp are a running softmax like any other,
 * {@code (accumulator, maximum, sum) = (out, logSumExp, 1)}, so a pass goes on from what the blocks before it left.
 */
final class FlashForward {
    /** Tiles of queries of a task, at most: they share packed keys. */
    private static final int TILES_OF_TASK = 8;

    /**
     * Scratch of one lane; every tile is a view of its beginning.
     *
     * @param accumulator FLOAT32 (queries of a task, headSize)
     * @param rowMaximum FLOAT32 (1, queries of a task)
     * @param rowSum FLOAT32 (1, queries of a task)
     */
    private record Lane(
            Tensor scores,
            Tensor probabilities,
            Tensor accumulator,
            Tensor rowMaximum,
            Tensor rowSum,
            SharedKeys keys) {}

    private final FlashParts parts;
    private final Kernels kernels;
    private final AttentionShape shape;
    private final TileSize tile;
    private final Attention.Tensors tensors;
    private final BlockMask mask;
    private final boolean begun;
    private final HeadViews views;
    private final int tiles;
    private final int tilesOfTask;
    private final List<Lane> lanes = new ArrayList<>();

    /** @param begun whether output and log-sum-exp hold what other keys gave; then the output is FLOAT32 */
    FlashForward(FlashParts parts, Attention.Tensors tensors, BlockMask mask, boolean begun) {
        this.parts = parts;
        this.kernels = parts.kernels();
        this.shape = parts.shape();
        this.tile = parts.tile();
        this.tensors = tensors;
        this.mask = mask;
        this.begun = begun;
        views = HeadViews.of(shape, mask);
        tiles = tile.queryTiles(mask.queries());
        tilesOfTask = Math.min(TILES_OF_TASK, tiles);
        for (int lane = 0; lane < kernels.lanes(); lane++) {
            lanes.add(lane((long) tilesOfTask * tile.queries()));
        }
    }

    private Lane lane(long queries) {
        Tensor scores = parts.scores(DataType.FLOAT32);
        return new Lane(
                scores,
                parts.narrowed(scores),
                parts.floats(queries, shape.headSize()),
                parts.floats(1, queries),
                parts.floats(1, queries),
                parts.sharedKeys());
    }

    void run() {
        expect(lanes.get(0));
        int tasksOfHead = (tiles + tilesOfTask - 1) / tilesOfTask;
        int across = mask.sequences() * shape.heads();
        kernels.parallel((long) tasksOfHead * across, (task, lane) -> {
            // The last queries see most keys: begun first, so that no lane is left alone with them.
            int first = (tasksOfHead - 1 - (int) (task / across)) * tilesOfTask;
            int sequence = (int) (task % across) / shape.heads();
            int head = (int) (task % across) % shape.heads();
            int end = Math.min(tiles, first + tilesOfTask);
            new Task(new QueryTiles(sequence, head, head + 1, first, end), lanes.get(lane)).run(mask.masks(lane));
        });
    }

    /** Some tiles of queries of one head: tile of keys by tile of keys. */
    private final class Task {
        private final QueryTiles all;
        private final Lane lane;

        private Task(QueryTiles all, Lane lane) {
            this.all = all;
            this.lane = lane;
        }

        private void run(TileMasks tileMasks) {
            SequenceTiles scores = mask.tiles(all.sequence());
            if (begun && !scores.viewers(all).hasNext()) {
                return;
            }
            begin();
            MaskAhead masks = new MaskAhead(tileMasks, scores.viewers(all));
            for (int block = 0; block < scores.keyTiles(); block++) {
                Iterator<ScoreTile> viewers = scores.viewers(all, block);
                if (viewers.hasNext()) {
                    keyTile(block * tile.keys(), viewers, masks);
                }
            }
            for (int index = all.first(); index < all.end(); index++) {
                Queries queries = views.queries(all.sequence(), all.firstHead(), index);
                kernels.softmaxFinish(
                        accumulator(queries),
                        perQuery(lane.rowMaximum(), queries),
                        perQuery(lane.rowSum(), queries),
                        views.of(tensors.out(), queries),
                        views.statistics(tensors.logSumExp(), queries));
            }
        }

        private void begin() {
            if (!begun) {
                kernels.fill(lane.accumulator(), 0);
                kernels.fill(lane.rowMaximum(), Float.NEGATIVE_INFINITY);
                kernels.fill(lane.rowSum(), 0);
                return;
            }
            // Of a query that has seen no key the sum does not count.
            kernels.fill(lane.rowSum(), 1);
            for (int index = all.first(); index < all.end(); index++) {
                Queries queries = views.queries(all.sequence(), all.firstHead(), index);
                kernels.copy(views.of(tensors.out(), queries), accumulator(queries));
                kernels.copy(views.statistics(tensors.logSumExp(), queries), perQuery(lane.rowMaximum(), queries));
            }
        }

        private void keyTile(int start, Iterator<ScoreTile> viewers, MaskAhead masks) {
            Queries any = views.queries(all.sequence(), all.firstHead(), all.first());
            int end = Math.min(mask.keys(), start + tile.keys());
            lane.keys().look(views.keys(tensors.key(), any, start, end), all.end() - all.first() > 1);
            while (viewers.hasNext()) {
                pair(viewers.next(), masks);
            }
        }

        private void pair(ScoreTile at, MaskAhead masks) {
            Queries queries = at.queries();
            Tensor query = views.of(tensors.query(), queries); // (queries, headSize)
            Tensor key = views.keys(tensors.key(), queries, at.from(), at.to()); // (keys, headSize)
            Tensor value = views.keys(tensors.value(), queries, at.from(), at.to()); // (keys, headSize)
            Tensor scores = FlashParts.part(lane.scores(), queries.count(), at.keys()); // (queries, keys)
            Tensor probabilities = FlashParts.part(lane.probabilities(), queries.count(), at.keys());
            Tensor accumulator = accumulator(queries); // (queries, headSize)
            lane.keys().multiply(query, key, scores);
            kernels.softmaxTile(
                    scores,
                    masks.of(at),
                    shape.scale(),
                    perQuery(lane.rowMaximum(), queries),
                    perQuery(lane.rowSum(), queries),
                    accumulator,
                    probabilities);
            kernels.matmul(MatrixProduct.of(probabilities, value, accumulator).accumulating());
        }

        private Tensor accumulator(Queries queries) {
            int start = all.first() * tile.queries();
            return lane.accumulator().rows(queries.from() - start, queries.to() - start);
        }

        /** A tile's elements of a vector over all queries of the task. */
        private Tensor perQuery(Tensor vector, Queries queries) {
            int start = all.first() * tile.queries();
            return vector.columns(queries.from() - start, queries.to() - start);
        }
    }

    /** Tells the kernels of the products over a whole tile. */
    private void expect(Lane lane) {
        Queries queries = views.queries(0, 0, 0);
        int keys = Math.min(mask.keys(), tile.keys());
        Tensor value = views.keys(tensors.value(), queries, 0, keys);
        Tensor accumulator = lane.accumulator().rows(0, queries.count());
        kernels.expectOnLanes(MatrixProduct.withRightTransposed(
                views.of(tensors.query(), queries),
                views.keys(tensors.key(), queries, 0, keys),
                FlashParts.part(lane.scores(), queries.count(), keys)));
        kernels.expectOnLanes(
                MatrixProduct.of(FlashParts.part(lane.probabilities(), queries.count(), keys), value, accumulator)
                        .accumulating());
    }
}
