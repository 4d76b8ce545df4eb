package io.longstrand.comm;

import io.longstrand.mesh.Slices;
import io.longstrand.tensor.Tensor;
import java.util.List;

/**
 * What a rank sends of elements in an operation, each sent once to every rank that needs it: what counters count and
 * plans foretell.
 *
 * @param rank number in the group
 * @param size ranks of the group
 */
public record SentBytes(int rank, int size) {
    /** A tensor is replaced by its sum over all ranks. */
    public long byAllReduce(Tensor tensor) {
        return byReduceScatter(tensor) + byAllGather(tensor);
    }

    /** Everybody gets his slice from this rank. */
    public long byReduceScatter(Tensor input) {
        return input.bytes() - slice(input, rank);
    }

    /** The next rank has its own slice already and gets all others from this one. */
    public long byAllGather(Tensor output) {
        return output.bytes() - slice(output, (rank + 1) % size);
    }

    /** Everybody gets his part. */
    public long byAllToAll(List<Tensor> outgoing) {
        long all = outgoing.stream().mapToLong(Tensor::bytes).sum();
        return all - outgoing.get(rank).bytes();
    }

    /** The tensor goes from rank to rank, and the last one gives it to nobody. */
    public long byBroadcast(int root, Tensor tensor) {
        return (rank + 1) % size == root ? 0 : tensor.bytes();
    }

    private long slice(Tensor tensor, int of) {
        return new Slices(tensor.elements(), size).length(of) * tensor.type().bytes();
    }
}
