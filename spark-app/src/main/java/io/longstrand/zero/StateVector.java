package io.longstrand.zero;

import io.longstrand.model.Parameter;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * One number for every parameter, as far as this rank holds them: of every bucket of the partition either all elements
 * or this rank's slice.
 */
public final class StateVector {
    private final Partition partition;
    private final List<Stretch> stretches;

    private StateVector(Partition partition, List<Stretch> stretches) {
        this.partition = partition;
        this.stretches = List.copyOf(stretches);
    }

    /**
     * Takes room; the content is undefined.
     *
     * @param ownOnly for this rank's slices alone
     */
    static StateVector take(Arena arena, String owner, DataType type, Partition partition, boolean ownOnly) {
        return ownOnly
                ? owned(partition, arena.allocate(owner, type, 1, partition.ownElements()))
                : whole(partition, arena.allocate(owner, type, 1, partition.elements()));
    }

    /** All elements. @param flat (1, elements of the flat space) */
    public static StateVector whole(Partition partition, Tensor flat) {
        return new StateVector(
                partition,
                partition.buckets().stream()
                        .map(bucket -> new Stretch(bucket.start(), flat.columns(bucket.start(), bucket.end())))
                        .toList());
    }

    /** This rank's slices. @param slices (1, own elements of the partition): one bucket's after the other's */
    public static StateVector owned(Partition partition, Tensor slices) {
        List<Stretch> stretches = new ArrayList<>();
        long at = 0;
        for (Bucket bucket : partition.buckets()) {
            stretches.add(new Stretch(bucket.ownStart(), slices.columns(at, at + bucket.ownElements())));
            at += bucket.ownElements();
        }
        return new StateVector(partition, stretches);
    }

    /** What is held, one stretch a bucket, in the order of buckets. */
    public List<Stretch> stretches() {
        return stretches;
    }

    /** This rank's slices of it, in the same memory. */
    public StateVector own() {
        List<Stretch> own = new ArrayList<>();
        for (int number = 0; number < stretches.size(); number++) {
            Bucket bucket = partition.buckets().get(number);
            own.add(stretches.get(number).within(bucket.ownStart(), bucket.ownStart() + bucket.ownElements()));
        }
        return new StateVector(partition, own);
    }

    /** A parameter's elements, as one row. @throws IllegalArgumentException when this rank does not hold all of them */
    public Tensor of(Parameter parameter) {
        long from = parameter.offset();
        long to = from + parameter.elements();
        return stretches.stream()
                .filter(stretch -> stretch.start() <= from && to <= stretch.end())
                .findFirst()
                .map(stretch -> stretch.within(from, to).values())
                .orElseThrow(() -> new IllegalArgumentException(parameter.name() + " is not here as a whole"));
    }

    /** Where it lives. */
    Place place() {
        return stretches.get(0).values().place();
    }

    /** What is held of one bucket. */
    Tensor of(Bucket bucket) {
        return stretches.get(partition.buckets().indexOf(bucket)).values();
    }
}
