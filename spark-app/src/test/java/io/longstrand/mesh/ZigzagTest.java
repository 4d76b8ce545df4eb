package io.longstrand.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class ZigzagTest {
    @Test
    void a_rank_holds_one_early_chunk_and_the_late_one_that_mirrors_it() {
        Zigzag zigzag = new Zigzag(16, 2);

        assertThat(zigzag.chunk()).isEqualTo(4);
        assertThat(zigzag.early(0)).isZero();
        assertThat(zigzag.late(0)).isEqualTo(12);
        assertThat(zigzag.early(1)).isEqualTo(4);
        assertThat(zigzag.late(1)).isEqualTo(8);
        assertThat(zigzag.position(1, 5)).isEqualTo(9);
        assertThat(zigzag.rank(9)).isEqualTo(1);
        assertThat(zigzag.local(9)).isEqualTo(5);
    }

    @Test
    void a_length_that_does_not_divide_is_padded_at_the_end_of_the_sequence() {
        Zigzag zigzag = new Zigzag(13, 2);

        assertThat(zigzag.padded()).isEqualTo(16);
        assertThat(zigzag.isPadding(12)).isFalse();
        assertThat(zigzag.isPadding(13)).isTrue();
        assertThat(zigzag.valid(0)).isEqualTo(5);
        assertThat(zigzag.valid(1)).isEqualTo(8);
    }

    @Property(tries = 300)
    void every_position_lies_once_in_one_shard(
            @ForAll @LongRange(min = 1, max = 100) long length, @ForAll @IntRange(min = 1, max = 7) int ranks) {
        Zigzag zigzag = new Zigzag(length, ranks);
        boolean[] seen = new boolean[(int) zigzag.padded()];

        long valid = 0;
        for (int rank = 0; rank < ranks; rank++) {
            for (long local = 0; local < zigzag.shard(); local++) {
                long position = zigzag.position(rank, local);
                assertThat(seen[(int) position]).isFalse();
                seen[(int) position] = true;
                assertThat(zigzag.rank(position)).isEqualTo(rank);
                assertThat(zigzag.local(position)).isEqualTo(local);
            }
            valid += zigzag.valid(rank);
        }
        assertThat(seen).containsOnly(true);
        assertThat(valid).isEqualTo(length);
        assertThat(zigzag.padded() - length).isBetween(0L, 2L * ranks - 1);
    }

    @Property(tries = 100)
    void under_a_causal_mask_every_rank_meets_the_same_number_of_pairs(
            @ForAll @IntRange(min = 1, max = 8) int ranks, @ForAll @LongRange(min = 1, max = 9) long chunk) {
        Zigzag zigzag = new Zigzag(2L * ranks * chunk, ranks);

        long[] pairs = new long[ranks];
        for (long query = 0; query < zigzag.length(); query++) {
            pairs[zigzag.rank(query)] += query + 1;
        }
        assertThat(pairs).containsOnly(pairs[0]);
    }

    @Test
    void an_empty_sequence_or_ring_is_refused() {
        assertThatThrownBy(() -> new Zigzag(0, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Zigzag(8, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Zigzag(8, 2).position(0, 4)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
