package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Flash attention (Dao 2023) over the kernels: tiles of scores, running softmax, log-sum-exp kept, tiles recomputed in
 * the backward pass. The forward pass is split over the lanes by (sequence, head, some tiles of queries), the backward
 * pass by (sequence, key head), so every sum is formed inside one task, in an order that depends on the shapes alone.
 *
 * <p>Where the device's library attends to whole causal sequences itself ({@link FusedAttention}) it does so for batches
 * without documents and padding.
 *
 * <p>In mixed precision products take BFLOAT16 operands; scores, softmax, statistics and all sums stay FLOAT32, and
 * gradients are rounded once, when they are complete.
 */
public final class FlashAttention implements Attention {
    private static final String OWNER = "attention tiles";

    /** Tiles of queries of a task of the forward pass, at most: they share packed keys. */
    private static final int TILES_OF_TASK = 8;

    /**
     * Scratch of one lane in the forward pass; every tile is a view of its beginning.
     *
     * @param accumulator FLOAT32 (queries of a task, headSize)
     * @param rowMaximum FLOAT32 (1, queries of a task)
     * @param rowSum FLOAT32 (1, queries of a task)
     */
    private record ForwardLane(
            Tensor scores,
            Tensor probabilities,
            Tensor accumulator,
            Tensor rowMaximum,
            Tensor rowSum,
            SharedKeys keys) {}

    /**
     * Scratch of one lane in the backward pass.
     *
     * @param scores FLOAT32
     * @param probabilitiesGradient FLOAT32
     * @param probabilities of the compute type
     * @param scoresGradient of the compute type
     * @param keyGradient FLOAT32 (keys, headSize)
     * @param valueGradient FLOAT32 (keys, headSize)
     */
    private record BackwardLane(
            Tensor scores,
            Tensor probabilitiesGradient,
            Tensor probabilities,
            Tensor scoresGradient,
            Tensor keyGradient,
            Tensor valueGradient,
            SharedKeys keys,
            SharedKeys values) {}

    private final Kernels kernels;
    private final Arena device;
    private final AttentionShape shape;
    private final TileSize tile;
    private final DataType type;

    /**
     * Attention that takes its scratch from an arena for the time of a pass.
     *
     * @param type of queries, keys, values and their gradients
     */
    public FlashAttention(Kernels kernels, Arena device, AttentionShape shape, TileSize tile, DataType type) {
        this.kernels = kernels;
        this.device = device;
        this.shape = shape;
        this.tile = tile;
        this.type = type;
    }

    @Override
    public void forward(Tensors tensors, AttentionMask mask) {
        requireSameTile(mask);
        Arena.Mark mark = device.mark();
        int tiles = tile.queryTiles(mask.length());
        int tilesOfTask = Math.min(TILES_OF_TASK, tiles);
        List<ForwardLane> lanes = new ArrayList<>();
        for (int lane = 0; lane < kernels.lanes(); lane++) {
            lanes.add(forwardLane((long) tilesOfTask * tile.queries()));
        }
        Optional<FusedAttention> fused = fused(mask);
        if (fused.isPresent()) {
            for (int sequence = 0; sequence < mask.sequences(); sequence++) {
                fused.get().forward(whole(tensors, mask, sequence));
            }
            device.release(mark);
            return;
        }
        expect(tensors, mask, lanes.get(0));
        int parts = (tiles + tilesOfTask - 1) / tilesOfTask;
        int across = mask.sequences() * shape.heads();
        kernels.parallel((long) parts * across, (task, lane) -> {
            // The last queries see most keys: begun first, so that no lane is left alone with them.
            int first = (parts - 1 - (int) (task / across)) * tilesOfTask;
            int sequence = (int) (task % across) / shape.heads();
            int head = (int) (task % across) % shape.heads();
            int end = Math.min(tiles, first + tilesOfTask);
            QueryTiles queries = new QueryTiles(sequence, head, head + 1, first, end);
            new Forward(tensors, mask, queries, lanes.get(lane)).run(mask.masks(lane));
        });
        device.release(mark);
    }

    private ForwardLane forwardLane(long queries) {
        Tensor scores = tile(DataType.FLOAT32);
        return new ForwardLane(
                scores,
                narrowed(scores),
                device.allocate(OWNER, DataType.FLOAT32, queries, shape.headSize()),
                device.allocate(OWNER, DataType.FLOAT32, 1, queries),
                device.allocate(OWNER, DataType.FLOAT32, 1, queries),
                sharedKeys());
    }

    private SharedKeys sharedKeys() {
        return new SharedKeys(
                kernels, device.allocate(OWNER, type, 1, MatrixProduct.packedElements(shape.headSize(), tile.keys())));
    }

    /** The forward pass of some tiles of queries of one head: tile of keys by tile of keys. */
    private final class Forward {
        private final Tensors tensors;
        private final AttentionMask mask;
        private final QueryTiles all;
        private final ForwardLane lane;

        private Forward(Tensors tensors, AttentionMask mask, QueryTiles all, ForwardLane lane) {
            this.tensors = tensors;
            this.mask = mask;
            this.all = all;
            this.lane = lane;
        }

        private void run(TileMasks tileMasks) {
            kernels.fill(lane.accumulator(), 0);
            kernels.fill(lane.rowMaximum(), Float.NEGATIVE_INFINITY);
            kernels.fill(lane.rowSum(), 0);
            SequenceTiles tiles = mask.tiles(all.sequence());
            MaskAhead masks = new MaskAhead(tileMasks, tiles.viewers(all));
            for (int block = 0; block < tiles.keyTiles(); block++) {
                Iterator<ScoreTile> viewers = tiles.viewers(all, block);
                if (viewers.hasNext()) {
                    keyTile(block * tile.keys(), viewers, masks);
                }
            }
            for (int index = all.first(); index < all.end(); index++) {
                Queries queries = queries(mask, all.sequence(), all.firstHead(), index);
                kernels.softmaxFinish(
                        accumulator(queries),
                        perQuery(lane.rowMaximum(), queries),
                        perQuery(lane.rowSum(), queries),
                        view(tensors.out(), mask, queries),
                        statistics(tensors.logSumExp(), mask, queries));
            }
        }

        private void keyTile(int start, Iterator<ScoreTile> viewers, MaskAhead masks) {
            Queries any = queries(mask, all.sequence(), all.firstHead(), all.first());
            int end = Math.min(mask.length(), start + tile.keys());
            lane.keys().look(keys(tensors.key(), mask, any, start, end), all.end() - all.first() > 1);
            while (viewers.hasNext()) {
                pair(viewers.next(), masks);
            }
        }

        private void pair(ScoreTile at, MaskAhead masks) {
            Queries queries = at.queries();
            Tensor query = view(tensors.query(), mask, queries); // (queries, headSize)
            Tensor key = keys(tensors.key(), mask, queries, at.from(), at.to()); // (keys, headSize)
            Tensor value = keys(tensors.value(), mask, queries, at.from(), at.to()); // (keys, headSize)
            Tensor scores = tile(lane.scores(), queries.count(), at.keys()); // (queries, keys)
            Tensor probabilities = tile(lane.probabilities(), queries.count(), at.keys()); // (queries, keys)
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

    @Override
    public void backward(Tensors tensors, TensorGradients gradients, AttentionMask mask) {
        requireSameTile(mask);
        Arena.Mark mark = device.mark();
        Tensor delta = device.allocate(
                OWNER, DataType.FLOAT32, shape.heads(), tensors.logSumExp().columns());
        List<BackwardLane> lanes = new ArrayList<>();
        for (int lane = 0; lane < kernels.lanes(); lane++) {
            lanes.add(backwardLane());
        }
        int tasks = mask.sequences() * shape.keyValueHeads();
        List<Tensor> queryGradients = queryGradients(tasks, mask);
        Optional<FusedAttention> fused = fused(mask);
        if (fused.isPresent()) {
            for (int sequence = 0; sequence < mask.sequences(); sequence++) {
                fused.get()
                        .backward(
                                whole(tensors, mask, sequence),
                                new FusedAttention.Gradients(
                                        rows(gradients.out(), mask, sequence),
                                        rows(gradients.query(), mask, sequence),
                                        rows(gradients.key(), mask, sequence),
                                        rows(gradients.value(), mask, sequence)));
            }
            device.release(mark);
            return;
        }
        int tiles = tile.queryTiles(mask.length());
        kernels.parallel((long) mask.sequences() * shape.heads() * tiles, (task, lane) -> {
            int sequence = (int) (task / tiles / shape.heads());
            int head = (int) (task / tiles % shape.heads());
            Queries queries = queries(mask, sequence, head, (int) (task % tiles));
            kernels.rowDots(
                    view(tensors.out(), mask, queries),
                    view(gradients.out(), mask, queries),
                    statistics(delta, mask, queries));
        });
        expect(tensors, mask, lanes.get(0), queryGradients.get(0));
        kernels.parallel(tasks, (task, lane) -> {
            int sequence = (int) (task / shape.keyValueHeads());
            int keyHead = (int) (task % shape.keyValueHeads());
            Tensor sums = queryGradients.get(queryGradients.size() == tasks ? (int) task : lane);
            new Backward(tensors, gradients, delta, mask, lanes.get(lane), sums)
                    .run(sequence, keyHead, mask.masks(lane));
        });
        device.release(mark);
    }

    private void requireSameTile(AttentionMask mask) {
        if (!mask.tile().equals(tile)) {
            throw new IllegalArgumentException("a mask in " + mask.tile() + " for attention in " + tile);
        }
    }

    /** What attends to whole sequences here, when all are plainly causal and the device's library can. */
    private Optional<FusedAttention> fused(AttentionMask mask) {
        return kernels.fusedAttention()
                .filter(attention -> attention.supports(type, shape.headSize()) && mask.causal());
    }

    private FusedAttention.Sequence whole(Tensors tensors, AttentionMask mask, int sequence) {
        long start = (long) sequence * mask.length();
        return new FusedAttention.Sequence(
                rows(tensors.query(), mask, sequence),
                rows(tensors.key(), mask, sequence),
                rows(tensors.value(), mask, sequence),
                rows(tensors.out(), mask, sequence),
                tensors.logSumExp().columns(start, start + mask.length()),
                shape.headSize(),
                shape.scale());
    }

    private static Tensor rows(Tensor all, AttentionMask mask, int sequence) {
        long start = (long) sequence * mask.length();
        return all.rows(start, start + mask.length());
    }

    /** FLOAT32 sums (group · length, headSize), one for each lane, or for each task where there are fewer. */
    private List<Tensor> queryGradients(int tasks, AttentionMask mask) {
        List<Tensor> sums = new ArrayList<>();
        for (int i = 0; i < Math.min(kernels.lanes(), tasks); i++) {
            sums.add(device.allocate(OWNER, DataType.FLOAT32, (long) shape.group() * mask.length(), shape.headSize()));
        }
        return sums;
    }

    private BackwardLane backwardLane() {
        Tensor scores = tile(DataType.FLOAT32);
        Tensor gradient = tile(DataType.FLOAT32);
        return new BackwardLane(
                scores,
                gradient,
                narrowed(scores),
                narrowed(gradient),
                device.allocate(OWNER, DataType.FLOAT32, tile.keys(), shape.headSize()),
                device.allocate(OWNER, DataType.FLOAT32, tile.keys(), shape.headSize()),
                sharedKeys(),
                sharedKeys());
    }

    /**
     * The backward pass of one key head of one sequence: tile of keys by tile of keys, over all queries that see it. The
     * gradients of a tile of keys and of its values are written when nobody reads these any more, those of the queries at
     * the end, so gradients may take the place of what they are of.
     */
    private final class Backward {
        private final Tensors tensors;
        private final TensorGradients gradients;
        private final Tensor delta;
        private final AttentionMask mask;
        private final BackwardLane lane;
        private final Tensor queryGradients; // FLOAT32 (group · length, headSize)
        /** Whether the gradient of a tile of queries holds a sum already, by head of the group and tile. */
        private final boolean[][] begun;

        private Backward(
                Tensors tensors,
                TensorGradients gradients,
                Tensor delta,
                AttentionMask mask,
                BackwardLane lane,
                Tensor queryGradients) {
            this.queryGradients = queryGradients;
            this.tensors = tensors;
            this.gradients = gradients;
            this.delta = delta;
            this.mask = mask;
            this.lane = lane;
            this.begun = new boolean[shape.group()][tile.queryTiles(mask.length())];
        }

        private void run(int sequence, int keyHead, TileMasks tileMasks) {
            SequenceTiles tiles = mask.tiles(sequence);
            int head = keyHead * shape.group();
            QueryTiles all = new QueryTiles(sequence, head, head + shape.group(), 0, tile.queryTiles(mask.length()));
            MaskAhead masks = new MaskAhead(tileMasks, tiles.viewers(all));
            for (int block = 0; block < tiles.keyTiles(); block++) {
                keyTile(all, block * tile.keys(), tiles.viewers(all, block), masks);
            }
            for (int member = 0; member < shape.group(); member++) {
                for (int index = 0; index < begun[member].length; index++) {
                    Queries queries = queries(mask, sequence, keyHead * shape.group() + member, index);
                    Tensor out = view(gradients.query(), mask, queries);
                    if (begun[member][index]) {
                        kernels.copy(queryGradient(queries, member), out);
                    } else {
                        kernels.fill(out, 0);
                    }
                }
            }
        }

        private void keyTile(QueryTiles all, int start, Iterator<ScoreTile> viewers, MaskAhead masks) {
            int end = Math.min(mask.length(), start + tile.keys());
            int head = all.firstHead();
            Queries any = queries(mask, all.sequence(), head, 0);
            boolean shared = shape.group() * all.end() > 1;
            lane.keys().look(keys(tensors.key(), mask, any, start, end), shared);
            lane.values().look(keys(tensors.value(), mask, any, start, end), shared);
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
            kernels.copy(keyGradient, keys(gradients.key(), mask, any, start, end));
            kernels.copy(valueGradient, keys(gradients.value(), mask, any, start, end));
        }

        private void pair(ScoreTile at, MaskAhead masks, int member, Tensor keyGradient, Tensor valueGradient) {
            Queries queries = at.queries();
            Tensor queryGradient = queryGradient(queries, member);
            Tensor query = view(tensors.query(), mask, queries); // (queries, headSize)
            Tensor outGradient = view(gradients.out(), mask, queries); // (queries, headSize)
            Tensor key = keys(tensors.key(), mask, queries, at.from(), at.to()); // (keys, headSize)
            Tensor value = keys(tensors.value(), mask, queries, at.from(), at.to()); // (keys, headSize)
            int count = queries.count();
            Tensor scores = tile(lane.scores(), count, at.keys()); // (queries, keys)
            Tensor probabilitiesGradient = tile(lane.probabilitiesGradient(), count, at.keys());
            Tensor probabilities = tile(lane.probabilities(), count, at.keys());
            Tensor scoresGradient = tile(lane.scoresGradient(), count, at.keys());
            lane.keys().multiply(query, key, scores);
            lane.values().multiply(outGradient, value, probabilitiesGradient);
            kernels.softmaxTileBackward(
                    scores,
                    probabilitiesGradient,
                    masks.of(at),
                    shape.scale(),
                    statistics(tensors.logSumExp(), mask, queries),
                    statistics(delta, mask, queries),
                    probabilities,
                    scoresGradient);
            kernels.matmul(MatrixProduct.withLeftTransposed(probabilities, outGradient, valueGradient)
                    .accumulating());
            kernels.matmul(MatrixProduct.withLeftTransposed(scoresGradient, query, keyGradient)
                    .accumulating());
            MatrixProduct toQuery = MatrixProduct.of(scoresGradient, key, queryGradient);
            boolean[] ofMember = begun[member];
            kernels.matmul(ofMember[queries.index()] ? toQuery.accumulating() : toQuery);
            ofMember[queries.index()] = true;
        }

        /** Where the FLOAT32 sum of a tile of queries is formed: (queries, headSize). */
        private Tensor queryGradient(Queries queries, int member) {
            long start = (long) member * mask.length();
            return queryGradients.rows(start + queries.from(), start + queries.to());
        }
    }

    /** Tells the kernels of the forward pass's products over a whole tile. */
    private void expect(Tensors tensors, AttentionMask mask, ForwardLane lane) {
        Queries queries = queries(mask, 0, 0, 0);
        int keys = Math.min(mask.length(), tile.keys());
        Tensor value = keys(tensors.value(), mask, queries, 0, keys);
        Tensor accumulator = lane.accumulator().rows(0, queries.count());
        kernels.expectOnLanes(MatrixProduct.withRightTransposed(
                view(tensors.query(), mask, queries),
                keys(tensors.key(), mask, queries, 0, keys),
                tile(lane.scores(), queries.count(), keys)));
        kernels.expectOnLanes(MatrixProduct.of(tile(lane.probabilities(), queries.count(), keys), value, accumulator)
                .accumulating());
    }

    /** Tells the kernels of the backward pass's products over a whole tile. */
    private void expect(Tensors tensors, AttentionMask mask, BackwardLane lane, Tensor queryGradients) {
        Queries queries = queries(mask, 0, 0, 0);
        int keys = Math.min(mask.length(), tile.keys());
        Tensor query = view(tensors.query(), mask, queries);
        Tensor key = keys(tensors.key(), mask, queries, 0, keys);
        Tensor scores = tile(lane.scores(), queries.count(), keys);
        Tensor gradient = tile(lane.scoresGradient(), queries.count(), keys);
        kernels.expectOnLanes(MatrixProduct.withRightTransposed(query, key, scores));
        kernels.expectOnLanes(MatrixProduct.withLeftTransposed(
                        gradient, query, lane.keyGradient().rows(0, keys))
                .accumulating());
        kernels.expectOnLanes(MatrixProduct.of(gradient, key, queryGradients.rows(0, queries.count()))
                .accumulating());
    }

    private Tensor tile(DataType elements) {
        return device.allocate(OWNER, elements, 1, (long) tile.queries() * tile.keys());
    }

    /** A tile of the compute type beside a FLOAT32 one; the same one when it has that type. */
    private Tensor narrowed(Tensor tile) {
        return type == DataType.FLOAT32 ? tile : tile(type);
    }

    private Queries queries(AttentionMask mask, int sequence, int head, int index) {
        int from = index * tile.queries();
        return new Queries(sequence, head, index, from, Math.min(mask.length(), from + tile.queries()));
    }

    /** A head's columns of a tile of queries: (queries, headSize). */
    private Tensor view(Tensor all, AttentionMask mask, Queries queries) {
        long start = (long) queries.sequence() * mask.length();
        long column = (long) queries.head() * shape.headSize();
        return all.rows(start + queries.from(), start + queries.to()).columns(column, column + shape.headSize());
    }

    /** The columns of the key head a query head reads, for a tile of keys: (keys, headSize). */
    private Tensor keys(Tensor all, AttentionMask mask, Queries queries, int from, int to) {
        long start = (long) queries.sequence() * mask.length();
        long column = (long) (queries.head() / shape.group()) * shape.headSize();
        return all.rows(start + from, start + to).columns(column, column + shape.headSize());
    }

    /** A head's row of a (heads, tokens) tensor, for a tile of queries: (1, queries). */
    private Tensor statistics(Tensor all, AttentionMask mask, Queries queries) {
        long start = (long) queries.sequence() * mask.length();
        return all.rows(queries.head(), queries.head() + 1L).columns(start + queries.from(), start + queries.to());
    }

    private static Tensor tile(Tensor scratch, long rows, long columns) {
        return scratch.columns(0, rows * columns).reshape(rows, columns);
    }
}
