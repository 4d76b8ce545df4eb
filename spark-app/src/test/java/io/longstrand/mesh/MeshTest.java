package io.longstrand.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MeshTest {
    @Property(tries = 200)
    void every_rank_has_its_own_coordinates_and_they_lead_back_to_it(
            @ForAll @IntRange(min = 1, max = 4) int data,
            @ForAll @IntRange(min = 1, max = 4) int context,
            @ForAll @IntRange(min = 1, max = 4) int head,
            @ForAll @IntRange(min = 1, max = 4) int tensor) {
        Mesh mesh = new Mesh(data, context, head, tensor);
        for (int rank = 0; rank < mesh.world(); rank++) {
            assertThat(mesh.rank(mesh.coordinates(rank))).isEqualTo(rank);
        }
    }

    @Test
    void neighbouring_ranks_share_matrices_and_the_data_axis_strides_furthest() {
        Mesh mesh = new Mesh(2, 3, 2, 2);

        assertThat(mesh.world()).isEqualTo(24);
        assertThat(mesh.coordinates(1)).isEqualTo(new Coordinates(0, 0, 0, 1));
        assertThat(mesh.coordinates(2)).isEqualTo(new Coordinates(0, 0, 1, 0));
        assertThat(mesh.coordinates(4)).isEqualTo(new Coordinates(0, 1, 0, 0));
        assertThat(mesh.coordinates(12)).isEqualTo(new Coordinates(1, 0, 0, 0));
        assertThat(mesh.size(Axis.CONTEXT)).isEqualTo(3);
    }

    @Test
    void ranks_outside_the_mesh_are_refused() {
        Mesh mesh = new Mesh(2, 1, 1, 1);

        assertThatThrownBy(() -> mesh.coordinates(2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> mesh.rank(new Coordinates(0, 1, 0, 0))).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new Mesh(1, 0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
