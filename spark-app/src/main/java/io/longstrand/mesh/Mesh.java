package io.longstrand.mesh;

import io.longstrand.config.ParallelSection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * All ranks, laid out over the axes. Rank numbers count along tensor first, then head, context and data.
 *
 * @param data size of the data axis, at least 1
 * @param context size of the context axis
 * @param head size of the head axis
 * @param tensor size of the tensor axis
 */
public record Mesh(int data, int context, int head, int tensor) {
    public Mesh {
        if (data < 1 || context < 1 || head < 1 || tensor < 1) {
            throw new IllegalArgumentException("an axis of " + data + " x " + context + " x " + head + " x " + tensor
                    + " ranks is empty; each needs at least 1");
        }
        Math.multiplyExact(Math.multiplyExact(data, context), Math.multiplyExact(head, tensor));
    }

    /** What a configuration says. */
    public static Mesh configured(ParallelSection parallel) {
        return new Mesh(parallel.data(), parallel.context(), parallel.head(), parallel.tensor());
    }

    /** Number of ranks. */
    public int world() {
        return data * context * head * tensor;
    }

    /** Number of ranks along an axis. */
    public int size(Axis axis) {
        return new Coordinates(data, context, head, tensor).along(axis);
    }

    /** Where a rank stands. @throws IndexOutOfBoundsException unless 0 ≤ rank < world */
    public Coordinates coordinates(int rank) {
        Objects.checkIndex(rank, world());
        int aboveTensor = rank / tensor;
        int aboveHead = aboveTensor / head;
        return new Coordinates(aboveHead / context, aboveHead % context, aboveTensor % head, rank % tensor);
    }

    /** The rank that stands somewhere. @throws IndexOutOfBoundsException when that is outside the mesh */
    public int rank(Coordinates at) {
        for (Axis axis : Axis.values()) {
            Objects.checkIndex(at.along(axis), size(axis));
        }
        return ((at.data() * context + at.context()) * head + at.head()) * tensor + at.tensor();
    }

    /**
     * The ranks that differ from one at most along some axes, itself among them: with no axis the rank alone, with all
     * of them the world. Ascending, so that along the later axes neighbours in the group are neighbours in the mesh.
     *
     * @throws IndexOutOfBoundsException unless 0 ≤ rank < world
     */
    public List<Integer> group(int rank, Set<Axis> along) {
        Coordinates at = coordinates(rank);
        return IntStream.range(0, world())
                .filter(other -> sameBeside(along, at, coordinates(other)))
                .boxed()
                .toList();
    }

    /** Every group along some axes, by its lowest rank: together they hold each rank once. */
    public List<List<Integer>> groups(Set<Axis> along) {
        return IntStream.range(0, world())
                .mapToObj(rank -> group(rank, along))
                .distinct()
                .toList();
    }

    private static boolean sameBeside(Set<Axis> along, Coordinates one, Coordinates other) {
        for (Axis axis : Axis.values()) {
            if (!along.contains(axis) && one.along(axis) != other.along(axis)) {
                return false;
            }
        }
        return true;
    }
}
