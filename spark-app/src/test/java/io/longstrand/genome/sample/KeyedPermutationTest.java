package io.longstrand.genome.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class KeyedPermutationTest {
    @Property(tries = 200)
    void every_element_goes_to_a_place_of_its_own(@ForAll @IntRange(min = 1, max = 3000) int size, @ForAll long key) {
        KeyedPermutation permutation = new KeyedPermutation(size, key, 1);
        BitSet places = new BitSet();
        for (int i = 0; i < size; i++) {
            places.set(Math.toIntExact(permutation.apply(i)));
        }
        assertThat(places.cardinality()).isEqualTo(size);
        assertThat(places.length()).isEqualTo(size);
    }

    @Test
    void another_seed_or_epoch_gives_another_order() {
        KeyedPermutation first = new KeyedPermutation(1000, 7, 0);
        KeyedPermutation sameAgain = new KeyedPermutation(1000, 7, 0);
        KeyedPermutation nextEpoch = new KeyedPermutation(1000, 7, 1);
        KeyedPermutation otherSeed = new KeyedPermutation(1000, 8, 0);
        int fixed = 0;
        int equalEpoch = 0;
        int equalSeed = 0;
        for (int i = 0; i < 1000; i++) {
            assertThat(sameAgain.apply(i)).isEqualTo(first.apply(i));
            fixed += first.apply(i) == i ? 1 : 0;
            equalEpoch += first.apply(i) == nextEpoch.apply(i) ? 1 : 0;
            equalSeed += first.apply(i) == otherSeed.apply(i) ? 1 : 0;
        }
        assertThat(fixed).isLessThan(10);
        assertThat(equalEpoch).isLessThan(10);
        assertThat(equalSeed).isLessThan(10);
    }

    @Test
    void sizes_beyond_an_int_work() {
        long size = 3_000_000_000_000L;
        KeyedPermutation permutation = new KeyedPermutation(size, 1);
        for (long i = 0; i < 1000; i++) {
            assertThat(permutation.apply(size - 1 - i)).isBetween(0L, size - 1);
        }
    }
}
