package io.longstrand.attention;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.mesh.SequenceCut;
import io.longstrand.plan.PlanningBackend;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Place;
import java.util.Iterator;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tiles of scores the ranks of a ring compute, by their elements. */
class ZigzagBalanceTest {
    private static final int RANKS = 4;

    @ParameterizedTest
    @ValueSource(ints = {8192, 16_384, 65_536})
    void under_a_causal_mask_no_rank_of_four_computes_a_twentieth_more_than_their_mean(int length) {
        SequenceCut cut = new SequenceCut(length, RANKS, 1);
        long[] elements = new long[RANKS];
        long visible = 0;
        for (int rank = 0; rank < RANKS; rank++) {
            try (PlanningBackend backend = new PlanningBackend(1);
                    Arena device = new Arena(backend, Place.DEVICE, 1L << 40);
                    Arena host = new Arena(backend, Place.HOST, 1L << 40)) {
                AttentionMask mask = new MaskRule.Causal()
                        .take(backend, device, host, TileSize.forLength(cut.shard()), 1, cut, rank);
                mask.put(0, new int[length]);
                for (int owner = 0; owner < RANKS; owner++) {
                    elements[rank] += elements(mask.block(owner));
                }
                visible += mask.pairs();
            }
        }
        double mean = LongStream.of(elements).average().orElseThrow();
        assertThat(LongStream.of(elements).max().orElseThrow()).isLessThanOrEqualTo((long) (1.05 * mean));
        assertThat(visible).isEqualTo((long) length * (length + 1) / 2);
        // Tiles that the diagonal crosses are computed as a whole.
        assertThat(RANKS * mean).isLessThan(1.1 * visible);
    }

    private static long elements(BlockMask block) {
        SequenceTiles tiles = block.tiles(0);
        int all = block.tile().queryTiles(block.queries());
        long elements = 0;
        for (Iterator<ScoreTile> at = tiles.viewers(new QueryTiles(0, 0, 1, 0, all)); at.hasNext(); ) {
            ScoreTile tile = at.next();
            elements += (long) tile.queries().count() * tile.keys();
        }
        return elements;
    }
}
