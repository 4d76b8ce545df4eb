package io.longstrand.genome.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.Split;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HoldOutTest {
    @Test
    void the_last_tenth_in_file_order_is_held_out_whole_in_tokens() {
        assertThat(new HoldOut(new long[] {1_652_982}, 0.1).byRegion(3).heldOut())
                .containsExactly(new Region(0, 1_652_982 - 165_297, 1_652_982));
        assertThat(new HoldOut(new long[] {600, 390, 10}, 0.1).byRegion(4).heldOut())
                .containsExactly(new Region(1, 302, 390), new Region(2, 0, 10));
        assertThat(new HoldOut(new long[] {5, 900, 100}, 0.1).byRegion(3).heldOut())
                .containsExactly(new Region(2, 0, 100));
    }

    @Test
    void whole_records_are_held_out_up_to_the_share_and_the_seed_chooses_them() {
        long[] lengths = IntStream.range(0, 100).mapToLong(i -> 1000 + i).toArray();
        Split split = new HoldOut(lengths, 0.1).byRecord(1);
        assertThat(split.heldOut()).hasSizeBetween(8, 10);
        assertThat(split.bases()).isLessThanOrEqualTo(10_495);
        assertThat(split.heldOut()).allMatch(region -> region.start() == 0 && region.end() == lengths[region.record()]);
        assertThat(new HoldOut(lengths, 0.1).byRecord(1)).isEqualTo(split);
        assertThat(new HoldOut(lengths, 0.1).byRecord(2)).isNotEqualTo(split);
    }

    @Test
    void a_cluster_is_never_torn() {
        long[] lengths = IntStream.range(0, 60).mapToLong(i -> 500).toArray();
        int[] clusters = IntStream.range(0, 60).map(i -> i % 20).toArray();
        Split split = new HoldOut(lengths, 0.2).byCluster(clusters, 3);
        assertThat(split.heldOut()).hasSize(12);
        for (Region region : split.heldOut()) {
            assertThat(split.heldOut().stream()
                            .filter(other -> clusters[other.record()] == clusters[region.record()])
                            .count())
                    .isEqualTo(3);
        }
    }

    @Test
    void what_cannot_be_split_is_refused_with_what_can() {
        assertThatThrownBy(() -> new HoldOut(new long[] {1000}, 0.1).byRecord(1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("use the region split");
        assertThatThrownBy(() -> new HoldOut(new long[] {10}, 0.1).byRegion(3))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("less than one token");
        assertThatThrownBy(() -> new HoldOut(new long[] {10}, 1.5))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("between 0 and 1");
    }
}
