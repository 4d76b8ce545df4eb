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

/**
 * Structured masks: the keys every query sees, as one range each, are copied to the device once per batch, and kernels
 * compute the mask of a partial tile from them.
 */
public final class KeyRanges implements AttentionMask, TileMasks {
    private final Kernels kernels;
    private final MaskRule rule;
    private final TileSize tile;
    private final int sequences;
    private final int length;
    private final Tensor hostFirst;
    private final Tensor hostEnd;
    private final Tensor deviceFirst;
    private final Tensor deviceEnd;
    private final List<SequenceTiles> tiles;
    private final MaskMeter meter = new MaskMeter();
    private final boolean[] causal;
    private final long[] pairs;

    /**
     * Takes the buffers; the ranges are undefined until {@link #send}.
     *
     * @param device 8 bytes a token
     * @param host 8 bytes a token
     * @param sequences sequences of a batch
     * @param length tokens of one sequence
     */
    public KeyRanges(
            Kernels kernels, Arena device, Arena host, MaskRule rule, TileSize tile, int sequences, int length) {
        this.kernels = kernels;
        this.rule = rule;
        this.tile = tile;
        this.sequences = sequences;
        this.length = length;
        long tokens = (long) sequences * length;
        hostFirst = host.allocate(OWNER, DataType.INT32, 1, tokens);
        hostEnd = host.allocate(OWNER, DataType.INT32, 1, tokens);
        deviceFirst = device.allocate(OWNER, DataType.INT32, 1, tokens);
        deviceEnd = device.allocate(OWNER, DataType.INT32, 1, tokens);
        // A rehearsal puts no sequence, and may be of any length.
        tiles = new ArrayList<>(Collections.nCopies(sequences, null));
        causal = new boolean[sequences];
        pairs = new long[sequences];
    }

    @Override
    public TileSize tile() {
        return tile;
    }

    @Override
    public int sequences() {
        return sequences;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public void put(int sequence, int[] documentStart) {
        meter.making(() -> put(sequence, new VisibleRanges(rule, documentStart, length)));
    }

    private void put(int sequence, VisibleRanges ranges) {
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

    @Override
    public void send() {
        kernels.copy(hostFirst, deviceFirst);
        kernels.copy(hostEnd, deviceEnd);
        meter.moved(hostFirst.bytes() + hostEnd.bytes());
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
    public MaskWork work() {
        return meter.work();
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
