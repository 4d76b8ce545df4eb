package io.longstrand.zero;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;

/**
 * What ranks tell each other of their states. Everything happens on one copy stream, one thing after the other, while
 * the device computes: elements go to host memory, over the wire, and back. So one staging tensor is enough, and ranks
 * that begin the same exchanges in the same order cannot meet in different ones. A bucket that a rank has for itself is
 * only copied.
 */
final class StateExchange {
    private static final String OWNER = "communication buffers";

    private final CopyStream copies;
    private final Tensor staging;

    /**
     * Takes the staging memory: the largest bucket that is shared.
     *
     * @param copies the stream of the state
     */
    StateExchange(CopyStream copies, Arena host, Partition partition) {
        this.copies = copies;
        long largest = partition.buckets().stream()
                .filter(bucket -> !bucket.alone())
                .mapToLong(Bucket::elements)
                .max()
                .orElse(0);
        staging = host.allocate(OWNER, DataType.FLOAT32, 1, largest);
    }

    /** Starts to replace a bucket's values by their sums over the group. @param values FLOAT32 (1, elements) */
    CopyStream.Event allReduce(Bucket bucket, Tensor values) {
        if (bucket.alone()) {
            return copies.computed();
        }
        Tensor all = staged(bucket, values.type());
        copies.copy(values, all);
        copies.communicate(() -> bucket.ranks().allReduce(all));
        return copies.copy(all, values);
    }

    /**
     * Starts to sum a bucket's values over the group and keep this rank's slice of the sums.
     *
     * @param values FLOAT32 (1, elements)
     * @param own (1, own elements), written; may be part of values
     */
    CopyStream.Event reduceScatter(Bucket bucket, Tensor values, Tensor own) {
        if (bucket.alone()) {
            return copy(values, own);
        }
        Tensor all = staged(bucket, values.type());
        Tensor slice = slice(bucket, all);
        copies.copy(values, all);
        copies.communicate(() -> bucket.ranks().reduceScatter(all, slice));
        return copies.copy(slice, own);
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
        Tensor all = values.place() == Place.HOST ? values : staged(bucket, values.type());
        Tensor slice = own;
        if (own.place() == Place.DEVICE) {
            slice = slice(bucket, all);
            copies.copy(own, slice);
        }
        Tensor given = slice;
        CopyStream.Event gathered = copies.communicate(() -> bucket.ranks().allGather(given, all));
        return all == values ? gathered : copies.copy(all, values);
    }

    private CopyStream.Event copy(Tensor from, Tensor to) {
        return from.equals(to) ? copies.computed() : copies.copy(from, to);
    }

    private Tensor staged(Bucket bucket, DataType type) {
        return Tensor.contiguous(staging.memory(), staging.offset(), type, 1, bucket.elements());
    }

    private static Tensor slice(Bucket bucket, Tensor all) {
        long from = bucket.ownStart() - bucket.start();
        return all.columns(from, from + bucket.ownElements());
    }
}
