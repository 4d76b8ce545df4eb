package io.longstrand.attention;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The backward pass of {@link FlashAttention} over a block of queries and keys, split over the lanes by (sequence, key
 * head). Takes its scratch when it is made.
 */
final class FlashBackward {
    /**
     * Scratch of one lane.
     *
     * @param scores FLOAT32
     * @param probabilitiesGradient FLOAT32
     * @param probabilities of the compute type
     * @param scoresGradient of the compute type
     * @param keyGradient FLOAT32 (keys, headSize)
     * @param valueGradient FLOAT32 (keys, headSize)
     */
    private record Lane(
            Tensor scores,
            Tensor probabilitiesGradient,
            Tensor probabilities,
            Tensor scoresGradient,
            Tensor keyGradient,
            Tensor valueGradient,
            SharedKeys keys,
            SharedKeys values) {}

    private final FlashParts parts;
    private final Kernels kernels;
    private final AttentionShape shape;
    private final TileSize tile;
    private final Attention.Tensors tensors;
    private final Attention.TensorGradients gradients;
    private final Tensor delta;
    private final BlockMask mask;
    private final HeadViews views;
    private final int tiles;
    private final List<Lane> lanes = new ArrayList<>();
    /**
     * FLOAT32 sums (group · queries, headSize), one for each lane, or for each task where there are fewer; none where sums
     * are formed in the gradients themselves.
     */
    private final List<Tensor> querySums = new ArrayList<>();

    /**
     * @param delta FLOAT32 (heads, tokens): row dots of the output and its gradient
     * @param inPlace whether gradients of queries are added to those there are, which are FLOAT32; otherwise they are
     *     summed up in scratch, and may take the place of the queries
     */
    FlashBackward(
            FlashParts parts,
            Attention.Tensors tensors,
            Attention.TensorGradients gradients,
            Tensor delta,
            BlockMask mask,
            boolean inPlace) {
        this.parts = parts;
        this.kernels = parts.kernels();
        this.shape = parts.shape();
        this.tile = parts.tile();
        this.tensors = tensors;
        this.gradients = gradients;
        this.delta = delta;
        this.mask = mask;
        views = HeadViews.of(shape, mask);
        tiles = tile.queryTiles(mask.queries());
        for (int lane = 0; lane < kernels.lanes(); lane++) {
            lanes.add(lane());
        }
        int scratch = inPlace ? 0 : Math.min(kernels.lanes(), tasks());
        for (int i = 0; i < scratch; i++) {
            querySums.add(parts.floats((long) shape.group() * mask.queries(), shape.headSize()));
        }
    }

    private Lane lane() {
        Tensor scores = parts.scores(DataType.FLOAT32);
        Tensor gradient = parts.scores(DataType.FLOAT32);
        return new Lane(
                scores,
                gradient,
                parts.narrowed(scores),
                parts.narrowed(gradient),
                parts.floats(tile.keys(), shape.headSize()),
                parts.floats(tile.keys(), shape.headSize()),
                parts.sharedKeys(),
                parts.sharedKeys());
    }

    private int tasks() {
        return mask.sequences() * shape.keyValueHeads();
    }

    void run() {
        expect(lanes.get(0));
        int tasks = tasks();
        kernels.parallel(tasks, (task, lane) -> {
            int sequence = (int) (task / shape.keyValueHeads());
            int keyHead = (int) (task % shape.keyValueHeads());
            QuerySums sums = querySums.isEmpty()
                    ? new QuerySums.InPlace(views, gradients.query())
                    : new QuerySums.InScratch(
                            kernels,
                            views,
                            gradients.query(),
                            querySums.get(querySums.size() == tasks ? (int) task : lane));
            new Task(lanes.get(lane), sums).run(sequence, keyHead, mask.masks(lane));
        });
    }

    /**
     * One key head of one sequence: tile of keys by tile of keys, over all queries that see it. The gradients of a tile of
     * keys and of its values are written when nobody reads these any more, those of the queries at the end, so gradients
     * may take the place of what they are of.
     */
    private final class Task {
        private final Lane lane;
        private final QuerySums sums;

        private Task(Lane lane, QuerySums sums) {
            this.lane = lane;
            this.sums = sums;
        }

        private void run(int sequence, int keyHead, TileMasks tileMasks) {
            SequenceTiles scores = mask.tiles(sequence);
            int head = keyHead * shape.group();
            QueryTiles all = new QueryTiles(sequence, head, head + shape.group(), 0, tiles);
            MaskAhead masks = new MaskAhead(tileMasks, scores.viewers(all));
            for (int block = 0; block < scores.keyTiles(); block++) {
                keyTile(all, block * tile.keys(), scores.viewers(all, block), masks);
            }
            sums.finish(all);
        }

        private void keyTile(QueryTiles all, int start, Iterator<ScoreTile> viewers, MaskAhead masks) {
            int end = Math.min(mask.keys(), start + tile.keys());
            int head = all.firstHead();
            Queries any = views.queries(all.sequence(), head, 0);
            boolean shared = shape.group() * all.end() > 1;
            lane.keys().look(views.keys(tensors.key(), any, start, end), shared);
            lane.values().look(views.keys(tensors.value(), any, start, end), shared);
            Tensor keyGradient = lane.keyGradient().rows(0, end - start); // (keys, headSize)
            Tensor valueGradient = lane.valueGradient().rows(0, end - start); // (keys, headSize)
            kernels.fill(keyGradient, 0);
            kernels.fill(valueGradient, 0);
            while (viewers.hasNext()) {
                ScoreTile at = viewers.next();
                Tensor ofKeys = keyGradient.rows(at.from() - start, at.to() - start);
                Tensor ofValues = valueGradient.rows(at.from() - start, at.to() - start);
                pair(at, masks, at.queries().head() - head, ofKeys, ofValues);
            }
            kernels.copy(keyGradient, views.keys(gradients.key(), any, start, end));
            kernels.copy(valueGradient, views.keys(gradients.value(), any, start, end));
        }

        private void pair(ScoreTile at, MaskAhead masks, int member, Tensor keyGradient, Tensor valueGradient) {
            Queries queries = at.queries();
            Tensor queryGradient = sums.of(queries, member);
            Tensor query = views.of(tensors.query(), queries); // (queries, headSize)
            Tensor outGradient = views.of(gradients.out(), queries); // (queries, headSize)
            Tensor key = views.keys(tensors.key(), queries, at.from(), at.to()); // (keys, headSize)
            Tensor value = views.keys(tensors.value(), queries, at.from(), at.to()); // (keys, headSize)
            int count = queries.count();
            Tensor scores = FlashParts.part(lane.scores(), count, at.keys()); // (queries, keys)
            Tensor probabilitiesGradient = FlashParts.part(lane.probabilitiesGradient(), count, at.keys());
            Tensor probabilities = FlashParts.part(lane.probabilities(), count, at.keys());
            Tensor scoresGradient = FlashParts.part(lane.scoresGradient(), count, at.keys());
            lane.keys().multiply(query, key, scores);
            lane.values().multiply(outGradient, value, probabilitiesGradient);
            kernels.softmaxTileBackward(
                    scores,
                    probabilitiesGradient,
                    masks.of(at),
                    shape.scale(),
                    views.statistics(tensors.logSumExp(), queries),
                    views.statistics(delta, queries),
                    probabilities,
                    scoresGradient);
            kernels.matmul(MatrixProduct.withLeftTransposed(probabilities, outGradient, valueGradient)
                    .accumulating());
            kernels.matmul(MatrixProduct.withLeftTransposed(scoresGradient, query, keyGradient)
                    .accumulating());
            MatrixProduct toQuery = MatrixProduct.of(scoresGradient, key, queryGradient);
            kernels.matmul(sums.begin(queries, member) ? toQuery : toQuery.accumulating());
        }
    }

    /** Tells the kernels of the products over a whole tile. */
    private void expect(Lane lane) {
        Queries queries = views.queries(0, 0, 0);
        int keys = Math.min(mask.keys(), tile.keys());
        Tensor query = views.of(tensors.query(), queries);
        Tensor key = views.keys(tensors.key(), queries, 0, keys);
        Tensor scores = FlashParts.part(lane.scores(), queries.count(), keys);
        Tensor gradient = FlashParts.part(lane.scoresGradient(), queries.count(), keys);
        Tensor sum = querySums.isEmpty()
                ? views.of(gradients.query(), queries)
                : querySums.get(0).rows(0, queries.count());
        kernels.expectOnLanes(MatrixProduct.withRightTransposed(query, key, scores));
        kernels.expectOnLanes(MatrixProduct.withLeftTransposed(
                        gradient, query, lane.keyGradient().rows(0, keys))
                .accumulating());
        kernels.expectOnLanes(MatrixProduct.of(gradient, key, sum).accumulating());
    }
}
