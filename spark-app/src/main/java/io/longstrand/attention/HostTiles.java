package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.TileMask;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Masks made on the host: bit-packed tiles, only of those tiles that are PARTIAL, each when it is first needed, moved to
 * the device one by one. A mask is the same for every head and layer and for sequences of the same form, so what there
 * is room for is made once.
 */
final class HostTiles implements AttentionMask {
    private final Kernels kernels;
    private final MaskPatterns form;
    private final TileSize tile;
    private final int length;
    private final KeptTiles kept;
    private final MaskMeter meter = new MaskMeter();
    private final List<LaneTiles> lanes = new ArrayList<>();
    private final List<MaskPattern> patterns;
    /** Those the kept tiles and the sequences have. */
    private final List<MaskPattern> known = new ArrayList<>();

    private final Set<MaskPattern> surveyed = new HashSet<>();

    /**
     * Takes room.
     *
     * @param device two tiles a lane
     * @param host two tiles a lane and those that are kept
     * @param form makes the pattern of a sequence from its documents
     * @param partialTiles how many tiles of a sequence may be partial, at most
     * @param keptBytes host memory for tiles that are kept, at most
     */
    HostTiles(
            Backend backend,
            Arena device,
            Arena host,
            MaskPatterns form,
            TileSize tile,
            int sequences,
            int length,
            long partialTiles,
            long keptBytes) {
        kernels = backend.kernels();
        this.form = form;
        this.tile = tile;
        this.length = length;
        long words = (long) tile.queries() * TileMask.Bits.words(tile.keys());
        long slots = Math.min(keptBytes / (words * Integer.BYTES), sequences * partialTiles);
        kept = new KeptTiles(host, slots, words);
        patterns = new ArrayList<>(Collections.nCopies(sequences, null));
        for (int lane = 0; lane < kernels.lanes(); lane++) {
            lanes.add(new LaneTiles(backend.openCopyStream(), device, host, words, patterns::get, kept, meter));
        }
    }

    @Override
    public TileSize tile() {
        return tile;
    }

    @Override
    public int sequences() {
        return patterns.size();
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public void put(int sequence, int[] documentStart) {
        meter.making(() -> patterns.set(sequence, pattern(documentStart)));
    }

    private MaskPattern pattern(int[] documentStart) {
        for (MaskPattern pattern : known) {
            if (pattern.covers(documentStart)) {
                return pattern;
            }
        }
        MaskPattern pattern = form.of(documentStart);
        known.add(pattern);
        return pattern;
    }

    @Override
    public void send() {
        known.removeIf(pattern -> {
            boolean gone = !patterns.contains(pattern);
            if (gone) {
                kept.forget(pattern);
                surveyed.remove(pattern);
            }
            return gone;
        });
        for (MaskPattern pattern : known) {
            if (surveyed.add(pattern)) {
                meter.making(() -> pattern.survey(kernels));
            }
        }
    }

    @Override
    public boolean causal() {
        // A rehearsal puts no sequence.
        return patterns.stream().allMatch(pattern -> pattern != null && pattern.causal());
    }

    @Override
    public long pairs() {
        return patterns.stream().mapToLong(MaskPattern::pairs).sum();
    }

    @Override
    public SequenceTiles tiles(int sequence) {
        return patterns.get(sequence).tiles();
    }

    @Override
    public TileMasks masks(int lane) {
        return lanes.get(lane);
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
