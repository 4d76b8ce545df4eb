package io.longstrand.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
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

    @Test
    void a_group_along_axes_holds_the_ranks_that_share_every_other_coordinate() {
        Mesh mesh = new Mesh(2, 2, 1, 2);

        assertThat(mesh.group(5, Set.of(Axis.TENSOR))).containsExactly(4, 5);
        assertThat(mesh.group(5, Set.of(Axis.CONTEXT))).containsExactly(5, 7);
        assertThat(mesh.group(5, Set.of(Axis.DATA))).containsExactly(1, 5);
        assertThat(mesh.group(5, Set.of(Axis.DATA, Axis.CONTEXT))).containsExactly(1, 3, 5, 7);
        assertThat(mesh.group(5, Set.of())).containsExactly(5);
        assertThat(mesh.group(5, Set.of(Axis.values()))).hasSize(8);
        assertThat(mesh.groups(Set.of(Axis.CONTEXT)))
                .containsExactly(List.of(0, 2), List.of(1, 3), List.of(4, 6), List.of(5, 7));
    }

    @Property(tries = 200)
    void the_groups_along_any_axes_hold_each_rank_once_and_every_member_sees_the_same_group(
            @ForAll @IntRange(min = 1, max = 3) int data,
            @ForAll @IntRange(min = 1, max = 3) int context,
            @ForAll @IntRange(min = 1, max = 3) int head,
            @ForAll @IntRange(min = 1, max = 3) int tensor,
            @ForAll Set<Axis> along) {
        Mesh mesh = new Mesh(data, context, head, tensor);

        List<List<Integer>> groups = mesh.groups(along);

        assertThat(groups.stream().flatMap(List::stream).sorted().toList())
                .isEqualTo(IntStream.range(0, mesh.world()).boxed().toList());
        int size = along.stream().mapToInt(mesh::size).reduce(1, (a, b) -> a * b);
        for (List<Integer> group : groups) {
            assertThat(group).hasSize(size);
            assertThat(group)
                    .allSatisfy(rank -> assertThat(mesh.group(rank, along)).isEqualTo(group));
        }
    }
}
