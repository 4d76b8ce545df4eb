package io.longstrand.zero;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;

/**
 * What ranks tell each other of their states. Everything happens on one copy stream, one thing after the other, while
 * the device computes: elements go to where the ranks have their tensors, over the wire, and back; those that are there
 * already are sent from where they are. So one staging tensor is enough, and ranks that begin the same exchanges in the
 * same order cannot meet in different ones. A bucket that a rank has for itself is only copied.
 */
final class StateExchange {
    private static final String OWNER = "communication buffers";

    private final CopyStream copies;
    private final Tensor staging;

    /**
     * Takes the staging memory: the largest bucket that is shared and is ever elsewhere than where it is sent from.
     *
     * @param copies the stream of the state
     * @param form says where parameters are
     */
    StateExchange(CopyStream copies, Arena device, Arena host, Partition partition, StateForm form) {
        this.copies = copies;
        Place place = partition.place();
        // Gradients are on the device, and so is what is collected of parameters unless the host holds all of them.
        boolean inPlace = place == Place.DEVICE && (form.parameters() == place || form.partitionsParameters());
        long largest = partition.buckets().stream()
                .filter(bucket -> !bucket.alone() && !inPlace)
                .mapToLong(Bucket::elements)
                .max()
                .orElse(0);
        staging = (place == Place.DEVICE ? device : host).allocate(OWNER, DataType.FLOAT32, 1, largest);
    }

    /** Starts to replace a bucket's values by their sums over the group. @param values FLOAT32 (1, elements) */
    CopyStream.Event allReduce(Bucket bucket, Tensor values) {
        if (bucket.alone()) {
            return copies.computed();
        }
        Tensor all = there(bucket, values);
        copy(values, all);
        CopyStream.Event reduced = communicate(() -> bucket.ranks().allReduce(all));
        return all == values ? reduced : copies.copy(all, values);
    }

    /**
     * Starts to sum a bucket's values over the group and keep this rank's slice of the sums.
     *
     * @param values FLOAT32 (1, elements), may be written
     * @param own (1, own elements), written; may be part of values
     */
    CopyStream.Event reduceScatter(Bucket bucket, Tensor values, Tensor own) {
        if (bucket.alone()) {
            return copy(values, own);
        }
        Tensor all = there(bucket, values);
        Tensor slice = slice(bucket, all);
        copy(values, all);
        CopyStream.Event reduced = communicate(() -> bucket.ranks().reduceScatter(all, slice));
        return slice.equals(own) ? reduced : copies.copy(slice, own);
    }

    /**
     * Starts to collect the group's slices of a bucket.
     *
     * @param own (1, own elements)
     * @param values (1, elements) of the same type, written; own may be part of it
     */
    CopyStream.Event allGather(Bucket bucket, Tensor own, Tensor values) {
        if (bucket.alone()) {
            return copy(own, values);
        }
        Tensor all = there(bucket, values);
        Tensor slice = own;
        if (own.place() != bucket.ranks().place()) {
            slice = slice(bucket, all);
            copies.copy(own, slice);
        }
        Tensor given = slice;
        CopyStream.Event gathered = communicate(() -> bucket.ranks().allGather(given, all));
        return all == values ? gathered : copies.copy(all, values);
    }

    /** In its turn, but not before what the compute stream has been given so far: it reads and writes there. */
    private CopyStream.Event communicate(Runnable operation) {
        CopyStream.Event computed = copies.computed();
        return copies.communicate(() -> {
            copies.finish(computed);
            operation.run();
        });
    }

    private CopyStream.Event copy(Tensor from, Tensor to) {
        return from.equals(to) ? copies.computed() : copies.copy(from, to);
    }

    /** A bucket's values, or room for them, where its ranks have their tensors. */
    private Tensor there(Bucket bucket, Tensor values) {
        return values.place() == bucket.ranks().place()
                ? values
                : Tensor.contiguous(staging.memory(), staging.offset(), values.type(), 1, bucket.elements());
    }

    private static Tensor slice(Bucket bucket, Tensor all) {
        long from = bucket.ownStart() - bucket.start();
        return all.columns(from, from + bucket.ownElements());
    }
}
