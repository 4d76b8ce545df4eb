package io.longstrand.attention;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.TileMask;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** What queries see of the keys of one shard, as patterns whose partial tiles are made on the host. */
final class HostBlock implements BlockMask {
    private final Kernels kernels;
    private final TileSize tile;
    private final int length;
    private final KeptTiles kept;
    private final List<LaneTiles> lanes;
    private final MaskMeter meter;
    private final List<MaskPattern> patterns;
    /** Those the kept tiles and the sequences have. */
    private final List<MaskPattern> known = new ArrayList<>();

    private final Set<MaskPattern> surveyed = new HashSet<>();

    /**
     * @param length queries, and keys, of one sequence
     * @param kept of all blocks
     * @param lanes those that make and move tiles, of all blocks
     */
    HostBlock(
            Kernels kernels,
            TileSize tile,
            int sequences,
            int length,
            KeptTiles kept,
            List<LaneTiles> lanes,
            MaskMeter meter) {
        this.kernels = kernels;
        this.tile = tile;
        this.length = length;
        this.kept = kept;
        this.lanes = lanes;
        this.meter = meter;
        patterns = new ArrayList<>(Collections.nCopies(sequences, null));
    }

    void put(int sequence, int[] documentStart, Function<int[], MaskPattern> form) {
        for (MaskPattern pattern : known) {
            if (pattern.covers(documentStart)) {
                patterns.set(sequence, pattern);
                return;
            }
        }
        MaskPattern pattern = form.apply(documentStart);
        known.add(pattern);
        patterns.set(sequence, pattern);
    }

    void send() {
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
    public TileSize tile() {
        return tile;
    }

    @Override
    public int sequences() {
        return patterns.size();
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
        LaneTiles tiles = lanes.get(lane);
        return new TileMasks() {
            @Override
            public void expect(ScoreTile expected) {
                tiles.expect(patterns.get(expected.queries().sequence()), expected);
            }

            @Override
            public TileMask mask(ScoreTile wanted) {
                return tiles.mask(wanted);
            }
        };
    }
}
