package io.longstrand.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SlicesTest {
    @Test
    void the_remainder_goes_to_the_first_ranks() {
        Slices slices = new Slices(11, 4);

        assertThat(slices.length(0)).isEqualTo(3);
        assertThat(slices.length(2)).isEqualTo(3);
        assertThat(slices.length(3)).isEqualTo(2);
        assertThat(slices.from(3)).isEqualTo(9);
        assertThat(slices.owner(8)).isEqualTo(2);
        assertThat(slices.longest()).isEqualTo(3);
    }

    @Test
    void vectors_beyond_two_to_the_31_are_sliced_exactly() {
        Slices slices = new Slices(1L << 40, 3);

        assertThat(slices.to(2)).isEqualTo(1L << 40);
        assertThat(slices.owner((1L << 40) - 1)).isEqualTo(2);
    }

    @Property(tries = 300)
    void slices_cover_the_vector_in_order_and_every_element_knows_its_owner(
            @ForAll @LongRange(min = 0, max = 60) long elements, @ForAll @IntRange(min = 1, max = 9) int parts) {
        Slices slices = new Slices(elements, parts);

        long next = 0;
        for (int part = 0; part < parts; part++) {
            assertThat(slices.from(part)).isEqualTo(next);
            assertThat(slices.length(part)).isBetween(elements / parts, slices.longest());
            for (long element = slices.from(part); element < slices.to(part); element++) {
                assertThat(slices.owner(element)).isEqualTo(part);
            }
            next = slices.to(part);
        }
        assertThat(next).isEqualTo(elements);
    }

    @Test
    void what_is_no_slice_is_refused() {
        assertThatThrownBy(() -> new Slices(-1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Slices(1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Slices(4, 2).from(2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new Slices(4, 2).owner(4)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
