package io.longstrand.comm;

import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.List;

/**
 * What the ranks of a group do together. Each operation comes in two forms: {@code startX} begins it and returns at
 * once, so that computation overlaps with it; {@code x} also waits. Collective operations of a group run one after
 * another in the order in which they were begun, which must be the same on every rank of the group; groups, and
 * send/receive, do not wait for each other.
 *
 * <p>Tensors are contiguous and in {@link #place()}. What an operation reads is there when it is begun, and nothing else
 * still reads or writes what it writes: on a device, the compute stream has been waited for. When {@link
 * Pending#await()} has returned, the results are there for any stream.
 *
 * <p>In host memory sums are computed in FLOAT32 (INT32 wraps around) in the order of ranks, {@code ((x₀ + x₁) + x₂) +
 * …}, and BFLOAT16 results are rounded once, to the nearest even: every rank gets the same bits, on every run, and they
 * do not depend on where slices begin. On a device the order is the library's: see {@code comm.nccl}.
 *
 * <p>Slices are those of {@link io.longstrand.mesh.Slices}: contiguous, the remainder to the first ranks.
 *
 * <p>Operations of one group are begun by one thread at a time. Ranks are numbers in the group.
 */
public interface Communicator {
    /** This rank's number in the group. */
    int rank();

    /** Number of ranks. */
    int size();

    /** Where its tensors are. Whoever has them elsewhere copies them there and back. */
    Place place();

    /** Begins to replace a tensor by its sum over all ranks. */
    Pending startAllReduce(Tensor tensor);

    /**
     * Begins to sum a tensor over all ranks and give each its slice.
     *
     * @param input (elements); not changed unless the slice is part of it
     * @param slice this rank's slice; may be the very part of the input, otherwise must not overlap with it
     */
    Pending startReduceScatter(Tensor input, Tensor slice);

    /**
     * Begins to collect all ranks' slices.
     *
     * @param slice this rank's slice; may be the very part of the output, otherwise must not overlap with it
     * @param output (elements)
     */
    Pending startAllGather(Tensor slice, Tensor output);

    /**
     * Begins to give every rank its own part and to take one from each. Parts may differ in length and be empty.
     *
     * @param outgoing the part for each rank
     * @param incoming where each rank's part goes; must not overlap with outgoing parts
     */
    Pending startAllToAll(List<Tensor> outgoing, List<Tensor> incoming);

    /** Begins to copy one rank's tensor to all others. */
    Pending startBroadcast(int root, Tensor tensor);

    /** Begins to give a rank a tensor, which it receives by {@link #startReceive}. */
    Pending startSend(int to, Tensor tensor);

    /** Begins to take the tensor that a rank sends. */
    Pending startReceive(int from, Tensor tensor);

    /** See {@link #startAllReduce}. */
    default void allReduce(Tensor tensor) {
        startAllReduce(tensor).await();
    }

    /** See {@link #startReduceScatter}. */
    default void reduceScatter(Tensor input, Tensor slice) {
        startReduceScatter(input, slice).await();
    }

    /** See {@link #startAllGather}. */
    default void allGather(Tensor slice, Tensor output) {
        startAllGather(slice, output).await();
    }

    /** See {@link #startAllToAll}. */
    default void allToAll(List<Tensor> outgoing, List<Tensor> incoming) {
        startAllToAll(outgoing, incoming).await();
    }

    /** See {@link #startBroadcast}. */
    default void broadcast(int root, Tensor tensor) {
        startBroadcast(root, tensor).await();
    }

    /** See {@link #startSend}. */
    default void send(int to, Tensor tensor) {
        startSend(to, tensor).await();
    }

    /** See {@link #startReceive}. */
    default void receive(int from, Tensor tensor) {
        startReceive(from, tensor).await();
    }
}
