package io.longstrand.comm.nccl;

import io.longstrand.comm.Communicator;
import io.longstrand.comm.HostBuffer;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;

/**
 * What makes communicators of NCCL, on its way from the rank that makes it to the others: between hosts, where ranks
 * know that they are talking to each other.
 *
 * <p>It goes over the run's world of TCP and not by the barrier's {@code allGather}, by which the ranks found each other:
 * that one takes all ranks at once, before there is a world, while each group, and each rank with another that it sends
 * to, needs an id of its own, among its ranks alone and when it is opened, which is later. Whoever has an id may take a
 * rank's place in what it opens: over TCP, it is given only to ranks that have shown to know the run's secret.
 */
final class UniqueIds {
    /** Bytes of one. */
    static final int BYTES = 128;

    private final NcclCalls calls;
    private final Communicator control;

    UniqueIds(NcclCalls calls, Communicator control) {
        this.calls = calls;
        this.control = control;
    }

    /** That of all ranks, made by the first. */
    byte[] ofGroup() {
        HostBuffer buffer = new HostBuffer(BYTES);
        if (control.rank() == 0) {
            buffer.bytes(0, BYTES).put(calls.uniqueId());
        }
        control.broadcast(0, words(buffer));
        return read(buffer);
    }

    /** Makes one for this rank and a rank it sends to, and gives it to that one. */
    byte[] forReceiver(int to) {
        HostBuffer buffer = new HostBuffer(BYTES);
        buffer.bytes(0, BYTES).put(calls.uniqueId());
        control.send(to, words(buffer));
        return read(buffer);
    }

    /** The one that a rank that sends to this one has made. */
    byte[] ofSender(int from) {
        HostBuffer buffer = new HostBuffer(BYTES);
        control.receive(from, words(buffer));
        return read(buffer);
    }

    private static Tensor words(HostBuffer buffer) {
        return Tensor.contiguous(buffer, 0, DataType.INT32, 1, BYTES / DataType.INT32.bytes());
    }

    private static byte[] read(HostBuffer buffer) {
        byte[] id = new byte[BYTES];
        buffer.bytes(0, BYTES).get(id);
        return id;
    }
}
