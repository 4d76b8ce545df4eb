package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The keys of one shard that every query sees, as one range each. Queries and keys are equally many. */
final class RangeBlock implements BlockMask, TileMasks {
    private final Kernels kernels;
    private final TileSize tile;
    private final int length;
    private final Tensor hostFirst;
    private final Tensor hostEnd;
    private final Tensor deviceFirst;
    private final Tensor deviceEnd;
    private final List<SequenceTiles> tiles;
    private final boolean[] causal;
    private final long[] pairs;

    /**
     * Takes the buffers.
     *
     * @param device 8 bytes a query
     * @param host 8 bytes a query
     * @param length queries, and keys, of one sequence
     */
    RangeBlock(Kernels kernels, Arena device, Arena host, TileSize tile, int sequences, int length) {
        this.kernels = kernels;
        this.tile = tile;
        this.length = length;
        long tokens = (long) sequences * length;
        hostFirst = host.allocate(AttentionMask.OWNER, DataType.INT32, 1, tokens);
        hostEnd = host.allocate(AttentionMask.OWNER, DataType.INT32, 1, tokens);
        deviceFirst = device.allocate(AttentionMask.OWNER, DataType.INT32, 1, tokens);
        deviceEnd = device.allocate(AttentionMask.OWNER, DataType.INT32, 1, tokens);
        // A rehearsal puts no sequence, and may be of any length.
        tiles = new ArrayList<>(Collections.nCopies(sequences, null));
        causal = new boolean[sequences];
        pairs = new long[sequences];
    }

    void put(int sequence, VisibleRanges ranges) {
        window(hostFirst, sequence).put(ranges.first());
        window(hostEnd, sequence).put(ranges.end());
        tiles.set(sequence, ranges.tiles(tile));
        causal[sequence] = ranges.causal();
        pairs[sequence] = ranges.pairs();
    }

    /** One sequence's part of the host's vectors. */
    private IntBuffer window(Tensor all, int sequence) {
        long start = (long) sequence * length;
        return all.columns(start, start + length).hostBytes().asIntBuffer();
    }

    /** Copies the ranges to the device. @return bytes moved */
    long send() {
        kernels.copy(hostFirst, deviceFirst);
        kernels.copy(hostEnd, deviceEnd);
        return hostFirst.bytes() + hostEnd.bytes();
    }

    @Override
    public TileSize tile() {
        return tile;
    }

    @Override
    public int sequences() {
        return causal.length;
    }

    @Override
    public int queries() {
        return length;
    }

    @Override
    public int keys() {
        return length;
    }

    @Override
    public boolean causal() {
        for (boolean one : causal) {
            if (!one) {
                return false;
            }
        }
        return true;
    }

    @Override
    public long pairs() {
        long all = 0;
        for (long one : pairs) {
            all += one;
        }
        return all;
    }

    @Override
    public SequenceTiles tiles(int sequence) {
        return tiles.get(sequence);
    }

    @Override
    public TileMasks masks(int lane) {
        return this;
    }

    @Override
    public void expect(ScoreTile expected) {
        // The ranges of all tiles are on the device.
    }

    @Override
    public TileMask mask(ScoreTile wanted) {
        Queries queries = wanted.queries();
        long start = (long) queries.sequence() * length;
        return new TileMask.Ranges(
                deviceFirst.columns(start + queries.from(), start + queries.to()),
                deviceEnd.columns(start + queries.from(), start + queries.to()),
                wanted.from());
    }
}
