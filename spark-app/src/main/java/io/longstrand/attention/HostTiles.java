package io.longstrand.attention;

import io.longstrand.mesh.SequenceCut;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.TileMask;
import java.util.ArrayList;
import java.util.List;

/**
 * Masks made on the host: bit-packed tiles, only of those tiles that are PARTIAL, each when it is first needed, moved to
 * the device one by one. A mask is the same for every head and layer and for sequences of the same form, so what there
 * is room for is made once.
 */
final class HostTiles implements AttentionMask {
    private final MaskPatterns form;
    private final TileSize tile;
    private final int sequences;
    private final SequenceCut cut;
    private final int shard;
    private final KeyReach reach;
    private final MaskMeter meter = new MaskMeter();
    private final List<HostBlock> blocks = new ArrayList<>();

    /**
     * Takes room.
     *
     * @param device two tiles a lane
     * @param host two tiles a lane and those that are kept
     * @param form makes the pattern of a sequence from its documents
     * @param bound shows all the masks do, and may show more
     * @param partialTiles how many tiles of a block of a sequence may be partial, at most
     * @param keptBytes host memory for tiles that are kept, at most
     */
    HostTiles(
            Backend backend,
            Arena device,
            Arena host,
            MaskPatterns form,
            MaskRule bound,
            TileSize tile,
            int sequences,
            SequenceCut cut,
            int shard,
            long partialTiles,
            long keptBytes) {
        this.form = form;
        this.tile = tile;
        this.sequences = sequences;
        this.cut = cut;
        this.shard = shard;
        reach = new KeyReach(bound, cut, sequences);
        long words = (long) tile.queries() * TileMask.Bits.words(tile.keys());
        long slots = Math.min(keptBytes / (words * Integer.BYTES), sequences * cut.context() * partialTiles);
        KeptTiles kept = new KeptTiles(host, slots, words);
        List<LaneTiles> lanes = new ArrayList<>();
        for (int lane = 0; lane < backend.kernels().lanes(); lane++) {
            lanes.add(new LaneTiles(backend.openCopyStream(), device, host, words, kept, meter));
        }
        for (int of = 0; of < cut.context(); of++) {
            blocks.add(new HostBlock(backend.kernels(), tile, sequences, cut.shard(), kept, lanes, meter));
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
        for (int of = 0; of < blocks.size(); of++) {
            HostBlock block = blocks.get(of);
            int number = of;
            meter.making(() ->
                    block.put(sequence, documentStart, starts -> form.of(starts, cut.shard(shard), cut.shard(number))));
        }
    }

    @Override
    public void send() {
        blocks.forEach(HostBlock::send);
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

    @Override
    public void close() {
        form.close();
    }
}
