package io.longstrand.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.mesh.Positions.Run;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SequenceCutTest {
    @Test
    void together_the_ranks_hold_every_position_once_whatever_the_length() {
        for (int context : new int[] {1, 2, 3, 4}) {
            for (int head : new int[] {1, 2, 3, 4}) {
                Mesh mesh = new Mesh(1, context, head, 1);
                for (int length : new int[] {1, 7, 48, 1001}) {
                    SequenceCut cut = SequenceCut.over(mesh, length);
                    TreeSet<Integer> seen = new TreeSet<>();
                    for (int rank = 0; rank < mesh.world(); rank++) {
                        Positions part = cut.part(mesh.coordinates(rank));
                        assertThat(part.count()).isEqualTo(cut.part());
                        for (int index = 0; index < part.count(); index++) {
                            assertThat(seen.add(part.at(index))).isTrue();
                            assertThat(part.below(part.at(index))).isEqualTo(index);
                        }
                    }
                    assertThat(seen).hasSize(cut.padded()).startsWith(0).endsWith(cut.padded() - 1);
                    assertThat(cut.padded()).isBetween(length, length + 2 * context * head - 1);
                }
            }
        }
    }

    @Test
    void one_rank_holds_a_sequence_without_padding() {
        SequenceCut cut = SequenceCut.whole(1001);
        assertThat(cut.padded()).isEqualTo(1001);
        assertThat(cut.shard(0)).isEqualTo(Positions.whole(1001));
        assertThat(cut.part(new Coordinates(0, 0, 0, 0))).isEqualTo(Positions.whole(1001));
    }

    @Test
    void a_ring_pairs_early_chunks_with_late_ones_and_a_shard_is_cut_where_it_lies() {
        SequenceCut cut = new SequenceCut(48, 2, 2);
        assertThat(cut.shard(0).runs()).isEqualTo(List.of(new Run(0, 12), new Run(36, 48)));
        assertThat(cut.shard(1).runs()).isEqualTo(List.of(new Run(12, 36)));
        assertThat(cut.part(new Coordinates(0, 0, 1, 0)).runs()).isEqualTo(List.of(new Run(36, 48)));
        assertThat(cut.part(new Coordinates(0, 1, 0, 0)).runs()).isEqualTo(List.of(new Run(12, 24)));
    }

    @Test
    void positions_below_another_are_counted_over_gaps() {
        Positions positions = new Positions(List.of(new Run(4, 6), new Run(10, 13)));
        assertThat(positions.below(0)).isZero();
        assertThat(positions.below(5)).isEqualTo(1);
        assertThat(positions.below(8)).isEqualTo(2);
        assertThat(positions.below(12)).isEqualTo(4);
        assertThat(positions.below(99)).isEqualTo(5);
        assertThat(positions.part(1, 4).runs()).isEqualTo(List.of(new Run(5, 6), new Run(10, 12)));
    }

    @Test
    void runs_that_touch_or_descend_are_refused() {
        assertThatThrownBy(() -> new Positions(List.of(new Run(4, 6), new Run(6, 7))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Positions(List.of(new Run(4, 6), new Run(1, 2))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
