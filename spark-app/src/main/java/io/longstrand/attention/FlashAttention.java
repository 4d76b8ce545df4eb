package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Flash attention (Dao 2023) over the kernels: tiles of scores, running softmax, log-sum-exp kept, tiles recomputed in
 * the backward pass. The forward pass is split over the lanes by (sequence, head, tile of queries), the backward pass by
 * (sequence, key head), so every sum is formed inside one task, in an order that depends on the shapes alone.
 *
 * <p>Where the device's library attends to whole causal sequences itself ({@link FusedAttention}) it does so for batches
 * without documents and padding.
 *
 * <p>In mixed precision products take BFLOAT16 operands; scores, softmax, statistics and all sums stay FLOAT32, and
 * gradients are rounded once, when they are complete.
 */
public final class FlashAttention implements Attention {
    private static final String OWNER = "attention tiles";

    /** Scratch of one lane in the forward pass; every tile is a view of its beginning. */
    private record ForwardLane(
            Tensor scores, Tensor probabilities, Tensor accumulator, Tensor rowMaximum, Tensor rowSum) {}

    /**
     * Scratch of one lane in the backward pass.
     *
     * @param scores FLOAT32
     * @param probabilitiesGradient FLOAT32
     * @param probabilities of the compute type
     * @param scoresGradient of the compute type
     * @param keyGradient FLOAT32 (keys, headSize)
     * @param valueGradient FLOAT32 (keys, headSize)
     * @param queryGradient FLOAT32 (group · length, headSize), in mixed precision
     */
    private record BackwardLane(
            Tensor scores,
            Tensor probabilitiesGradient,
            Tensor probabilities,
            Tensor scoresGradient,
            Tensor keyGradient,
            Tensor valueGradient,
            Optional<Tensor> queryGradient) {}

    /** Rows {@code from} to {@code to} of one sequence, for one head. */
    private record Queries(int sequence, int head, int from, int to) {
        int count() {
            return to - from;
        }
    }

    /** What to do with one tile over keys {@code from} to {@code to}. */
    @FunctionalInterface
    private interface TileWork {
        void run(int from, int to, TileMask mask);
    }

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
    public void forward(Tensors tensors, KeyRanges ranges) {
        Arena.Mark mark = device.mark();
        List<ForwardLane> lanes = new ArrayList<>();
        for (int lane = 0; lane < kernels.lanes(); lane++) {
            Tensor scores = tile(DataType.FLOAT32);
            lanes.add(new ForwardLane(
                    scores,
                    narrowed(scores),
                    device.allocate(OWNER, DataType.FLOAT32, tile.queries(), shape.headSize()),
                    device.allocate(OWNER, DataType.FLOAT32, 1, tile.queries()),
                    device.allocate(OWNER, DataType.FLOAT32, 1, tile.queries())));
        }
        Optional<FusedAttention> fused = fused(ranges);
        if (fused.isPresent()) {
            for (int sequence = 0; sequence < ranges.sequences(); sequence++) {
                fused.get().forward(whole(tensors, ranges, sequence));
            }
            device.release(mark);
            return;
        }
        int tiles = queryTiles(ranges);
        long tasks = (long) ranges.sequences() * shape.heads() * tiles;
        expect(tensors, ranges, lanes.get(0));
        kernels.parallel(tasks, (task, lane) -> {
            int sequence = (int) (task / tiles / shape.heads());
            int head = (int) (task / tiles % shape.heads());
            forward(tensors, ranges, queries(ranges, sequence, head, (int) (task % tiles)), lanes.get(lane));
        });
        device.release(mark);
    }

    private void forward(Tensors tensors, KeyRanges ranges, Queries queries, ForwardLane lane) {
        Tensor query = view(tensors.query(), ranges, queries); // (queries, headSize)
        Tensor accumulator = lane.accumulator().rows(0, queries.count()); // (queries, headSize)
        Tensor rowMaximum = lane.rowMaximum().columns(0, queries.count());
        Tensor rowSum = lane.rowSum().columns(0, queries.count());
        kernels.fill(accumulator, 0);
        kernels.fill(rowMaximum, Float.NEGATIVE_INFINITY);
        kernels.fill(rowSum, 0);
        KeyRanges.Span span = ranges.span(queries.sequence(), queries.from(), queries.to());
        int end = Math.min(ranges.length(), roundUp(span.end()));
        for (int start = roundDown(span.first()); start < end; start += tile.keys()) {
            onTile(ranges, span, queries, start, Math.min(end, start + tile.keys()), (from, to, mask) -> {
                Tensor key = keys(tensors.key(), ranges, queries, from, to); // (keys, headSize)
                Tensor value = keys(tensors.value(), ranges, queries, from, to); // (keys, headSize)
                Tensor scores = tile(lane.scores(), queries.count(), to - from); // (queries, keys)
                Tensor probabilities = tile(lane.probabilities(), queries.count(), to - from); // (queries, keys)
                kernels.matmul(MatrixProduct.withRightTransposed(query, key, scores));
                kernels.softmaxTile(scores, mask, shape.scale(), rowMaximum, rowSum, accumulator, probabilities);
                kernels.matmul(
                        MatrixProduct.of(probabilities, value, accumulator).accumulating());
            });
        }
        kernels.softmaxFinish(
                accumulator,
                rowMaximum,
                rowSum,
                view(tensors.out(), ranges, queries),
                statistics(tensors.logSumExp(), ranges, queries));
    }

    @Override
    public void backward(Tensors tensors, TensorGradients gradients, KeyRanges ranges) {
        Arena.Mark mark = device.mark();
        Tensor delta = device.allocate(
                OWNER, DataType.FLOAT32, shape.heads(), tensors.logSumExp().columns());
        List<BackwardLane> lanes = new ArrayList<>();
        for (int lane = 0; lane < kernels.lanes(); lane++) {
            lanes.add(backwardLane(ranges));
        }
        Optional<FusedAttention> fused = fused(ranges);
        if (fused.isPresent()) {
            for (int sequence = 0; sequence < ranges.sequences(); sequence++) {
                fused.get()
                        .backward(
                                whole(tensors, ranges, sequence),
                                new FusedAttention.Gradients(
                                        rows(gradients.out(), ranges, sequence),
                                        rows(gradients.query(), ranges, sequence),
                                        rows(gradients.key(), ranges, sequence),
                                        rows(gradients.value(), ranges, sequence)));
            }
            device.release(mark);
            return;
        }
        int tiles = queryTiles(ranges);
        kernels.parallel((long) ranges.sequences() * shape.heads() * tiles, (task, lane) -> {
            int sequence = (int) (task / tiles / shape.heads());
            int head = (int) (task / tiles % shape.heads());
            Queries queries = queries(ranges, sequence, head, (int) (task % tiles));
            kernels.rowDots(
                    view(tensors.out(), ranges, queries),
                    view(gradients.out(), ranges, queries),
                    statistics(delta, ranges, queries));
        });
        expect(tensors, ranges, lanes.get(0));
        kernels.parallel((long) ranges.sequences() * shape.keyValueHeads(), (task, lane) -> {
            int sequence = (int) (task / shape.keyValueHeads());
            int keyHead = (int) (task % shape.keyValueHeads());
            new Backward(tensors, gradients, delta, ranges, lanes.get(lane)).run(sequence, keyHead);
        });
        device.release(mark);
    }

    /** What attends to whole sequences here, when all are plainly causal and the device's library can. */
    private Optional<FusedAttention> fused(KeyRanges ranges) {
        return kernels.fusedAttention()
                .filter(attention -> attention.supports(type, shape.headSize()) && ranges.causal());
    }

    private FusedAttention.Sequence whole(Tensors tensors, KeyRanges ranges, int sequence) {
        long start = (long) sequence * ranges.length();
        return new FusedAttention.Sequence(
                rows(tensors.query(), ranges, sequence),
                rows(tensors.key(), ranges, sequence),
                rows(tensors.value(), ranges, sequence),
                rows(tensors.out(), ranges, sequence),
                tensors.logSumExp().columns(start, start + ranges.length()),
                shape.headSize(),
                shape.scale());
    }

    private static Tensor rows(Tensor all, KeyRanges ranges, int sequence) {
        long start = (long) sequence * ranges.length();
        return all.rows(start, start + ranges.length());
    }

    private BackwardLane backwardLane(KeyRanges ranges) {
        Tensor scores = tile(DataType.FLOAT32);
        Tensor gradient = tile(DataType.FLOAT32);
        long rows = (long) shape.group() * ranges.length();
        return new BackwardLane(
                scores,
                gradient,
                narrowed(scores),
                narrowed(gradient),
                device.allocate(OWNER, DataType.FLOAT32, tile.keys(), shape.headSize()),
                device.allocate(OWNER, DataType.FLOAT32, tile.keys(), shape.headSize()),
                type == DataType.FLOAT32
                        ? Optional.empty()
                        : Optional.of(device.allocate(OWNER, DataType.FLOAT32, rows, shape.headSize())));
    }

    /** The backward pass of one key head of one sequence: tile of keys by tile of keys, over all queries that see it. */
    private final class Backward {
        private final Tensors tensors;
        private final TensorGradients gradients;
        private final Tensor delta;
        private final KeyRanges ranges;
        private final BackwardLane lane;
        /** Whether the gradient of a tile of queries holds a sum already, by head of the group and tile. */
        private final boolean[][] begun;

        private Backward(
                Tensors tensors, TensorGradients gradients, Tensor delta, KeyRanges ranges, BackwardLane lane) {
            this.tensors = tensors;
            this.gradients = gradients;
            this.delta = delta;
            this.ranges = ranges;
            this.lane = lane;
            this.begun = new boolean[shape.group()][queryTiles(ranges)];
        }

        private void run(int sequence, int keyHead) {
            for (int start = 0; start < ranges.length(); start += tile.keys()) {
                keyTile(sequence, keyHead, start, Math.min(ranges.length(), start + tile.keys()));
            }
            for (int member = 0; member < shape.group(); member++) {
                for (int index = 0; index < begun[member].length; index++) {
                    Queries queries = queries(ranges, sequence, keyHead * shape.group() + member, index);
                    Tensor out = view(gradients.query(), ranges, queries);
                    if (!begun[member][index]) {
                        kernels.fill(out, 0);
                    } else if (lane.queryGradient().isPresent()) {
                        kernels.copy(queryGradient(queries, member), out);
                    }
                }
            }
        }

        private void keyTile(int sequence, int keyHead, int start, int end) {
            Tensor keyGradient = lane.keyGradient().rows(0, end - start); // (keys, headSize)
            Tensor valueGradient = lane.valueGradient().rows(0, end - start); // (keys, headSize)
            kernels.fill(keyGradient, 0);
            kernels.fill(valueGradient, 0);
            for (int member = 0; member < shape.group(); member++) {
                for (int index = 0; index < begun[member].length; index++) {
                    Queries queries = queries(ranges, sequence, keyHead * shape.group() + member, index);
                    KeyRanges.Span span = ranges.span(sequence, queries.from(), queries.to());
                    int first = Math.max(start, roundDown(span.first()));
                    int last = Math.min(end, roundUp(span.end()));
                    boolean[] ofMember = begun[member];
                    int number = index;
                    int group = member;
                    onTile(ranges, span, queries, first, last, (from, to, mask) -> {
                        pair(
                                queries,
                                from,
                                to,
                                mask,
                                keyGradient.rows(from - start, to - start),
                                valueGradient.rows(from - start, to - start),
                                queryGradient(queries, group),
                                ofMember[number]);
                        ofMember[number] = true;
                    });
                }
            }
            Queries any = queries(ranges, sequence, keyHead * shape.group(), 0);
            kernels.copy(keyGradient, keys(gradients.key(), ranges, any, start, end));
            kernels.copy(valueGradient, keys(gradients.value(), ranges, any, start, end));
        }

        private void pair(
                Queries queries,
                int from,
                int to,
                TileMask mask,
                Tensor keyGradient,
                Tensor valueGradient,
                Tensor queryGradient,
                boolean accumulate) {
            Tensor query = view(tensors.query(), ranges, queries); // (queries, headSize)
            Tensor outGradient = view(gradients.out(), ranges, queries); // (queries, headSize)
            Tensor key = keys(tensors.key(), ranges, queries, from, to); // (keys, headSize)
            Tensor value = keys(tensors.value(), ranges, queries, from, to); // (keys, headSize)
            int count = queries.count();
            Tensor scores = tile(lane.scores(), count, to - from); // (queries, keys)
            Tensor probabilitiesGradient = tile(lane.probabilitiesGradient(), count, to - from);
            Tensor probabilities = tile(lane.probabilities(), count, to - from);
            Tensor scoresGradient = tile(lane.scoresGradient(), count, to - from);
            kernels.matmul(MatrixProduct.withRightTransposed(query, key, scores));
            kernels.matmul(MatrixProduct.withRightTransposed(outGradient, value, probabilitiesGradient));
            kernels.softmaxTileBackward(
                    scores,
                    probabilitiesGradient,
                    mask,
                    shape.scale(),
                    statistics(tensors.logSumExp(), ranges, queries),
                    statistics(delta, ranges, queries),
                    probabilities,
                    scoresGradient);
            kernels.matmul(MatrixProduct.withLeftTransposed(probabilities, outGradient, valueGradient)
                    .accumulating());
            kernels.matmul(MatrixProduct.withLeftTransposed(scoresGradient, query, keyGradient)
                    .accumulating());
            MatrixProduct toQuery = MatrixProduct.of(scoresGradient, key, queryGradient);
            kernels.matmul(accumulate ? toQuery.accumulating() : toQuery);
        }

        /** Where the FLOAT32 sum of a tile of queries is formed: (queries, headSize). */
        private Tensor queryGradient(Queries queries, int member) {
            long start = (long) member * ranges.length();
            return lane.queryGradient()
                    .map(sums -> sums.rows(start + queries.from(), start + queries.to()))
                    .orElseGet(() -> view(gradients.query(), ranges, queries));
        }
    }

    /** Tells the kernels of the forward pass's products over a whole tile. */
    private void expect(Tensors tensors, KeyRanges ranges, ForwardLane lane) {
        Queries queries = queries(ranges, 0, 0, 0);
        int keys = Math.min(ranges.length(), tile.keys());
        Tensor value = keys(tensors.value(), ranges, queries, 0, keys);
        Tensor accumulator = lane.accumulator().rows(0, queries.count());
        kernels.expectOnLanes(MatrixProduct.withRightTransposed(
                view(tensors.query(), ranges, queries),
                keys(tensors.key(), ranges, queries, 0, keys),
                tile(lane.scores(), queries.count(), keys)));
        kernels.expectOnLanes(MatrixProduct.of(tile(lane.probabilities(), queries.count(), keys), value, accumulator)
                .accumulating());
    }

    /** Tells the kernels of the backward pass's products over a whole tile. */
    private void expect(Tensors tensors, KeyRanges ranges, BackwardLane lane) {
        Queries queries = queries(ranges, 0, 0, 0);
        int keys = Math.min(ranges.length(), tile.keys());
        Tensor query = view(tensors.query(), ranges, queries);
        Tensor key = keys(tensors.key(), ranges, queries, 0, keys);
        Tensor scores = tile(lane.scores(), queries.count(), keys);
        Tensor gradient = tile(lane.scoresGradient(), queries.count(), keys);
        kernels.expectOnLanes(MatrixProduct.withRightTransposed(query, key, scores));
        kernels.expectOnLanes(MatrixProduct.withLeftTransposed(
                        gradient, query, lane.keyGradient().rows(0, keys))
                .accumulating());
        // The sum over all tiles is FLOAT32 in mixed precision, and then lies in the lane's own rows.
        Tensor sum =
                lane.queryGradient().map(sums -> sums.rows(0, queries.count())).orElse(query);
        kernels.expectOnLanes(MatrixProduct.of(gradient, key, sum).accumulating());
    }

    /** Runs the work on the tile over keys {@code from} to {@code to} unless it is empty. */
    private void onTile(KeyRanges ranges, KeyRanges.Span span, Queries queries, int from, int to, TileWork work) {
        KeyRanges.Tile kind = from < to ? span.tile(from, to) : KeyRanges.Tile.EMPTY;
        switch (kind) {
            case FULL -> work.run(from, to, new TileMask.Full());
            case PARTIAL -> work.run(from, to, ranges.mask(queries.sequence(), queries.from(), queries.to(), from));
            case EMPTY -> {}
        }
    }

    private static int roundDown(int key) {
        return key / TileSize.STEP * TileSize.STEP;
    }

    private static int roundUp(int key) {
        return (key + TileSize.STEP - 1) / TileSize.STEP * TileSize.STEP;
    }

    private int queryTiles(KeyRanges ranges) {
        return (ranges.length() + tile.queries() - 1) / tile.queries();
    }

    private Tensor tile(DataType elements) {
        return device.allocate(OWNER, elements, 1, (long) tile.queries() * tile.keys());
    }

    /** A tile of the compute type beside a FLOAT32 one; the same one when it has that type. */
    private Tensor narrowed(Tensor tile) {
        return type == DataType.FLOAT32 ? tile : tile(type);
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
