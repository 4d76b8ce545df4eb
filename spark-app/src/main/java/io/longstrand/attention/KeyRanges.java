package io.longstrand.attention;

import io.longstrand.mesh.SequenceCut;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * Structured masks: the keys every query sees, as one range each, are copied to the device once per batch, and kernels
 * compute the mask of a partial tile from them.
 */
final class KeyRanges implements AttentionMask {
    private final MaskRule rule;
    private final TileSize tile;
    private final int sequences;
    private final SequenceCut cut;
    private final int shard;
    private final KeyReach reach;
    private final List<RangeBlock> blocks = new ArrayList<>();
    private final MaskMeter meter = new MaskMeter();

    /**
     * Takes the buffers; the ranges are undefined until {@link #send}.
     *
     * @param device 8 bytes a query and shard
     * @param host 8 bytes a query and shard
     * @param sequences sequences of a batch
     */
    KeyRanges(
            Kernels kernels,
            Arena device,
            Arena host,
            MaskRule rule,
            TileSize tile,
            int sequences,
            SequenceCut cut,
            int shard) {
        this.rule = rule;
        this.tile = tile;
        this.sequences = sequences;
        this.cut = cut;
        this.shard = shard;
        reach = new KeyReach(rule, cut, sequences);
        for (int of = 0; of < cut.context(); of++) {
            blocks.add(new RangeBlock(kernels, device, host, tile, sequences, cut.shard()));
        }
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
    public SequenceCut cut() {
        return cut;
    }

    @Override
    public int shard() {
        return shard;
    }

    @Override
    public void put(int sequence, int[] documentStart) {
        reach.put(sequence, documentStart);
        meter.making(() -> {
            for (int of = 0; of < blocks.size(); of++) {
                blocks.get(of).put(sequence, new VisibleRanges(rule, documentStart, cut.shard(shard), cut.shard(of)));
            }
        });
    }

    @Override
    public void send() {
        for (RangeBlock block : blocks) {
            meter.moved(block.send());
        }
    }

    @Override
    public BlockMask block(int ofShard) {
        return blocks.get(ofShard);
    }

    @Override
    public KeyReach reach() {
        return reach;
    }

    @Override
    public MaskWork work() {
        return meter.work();
    }
}
