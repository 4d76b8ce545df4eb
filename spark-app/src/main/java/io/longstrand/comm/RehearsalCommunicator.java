package io.longstrand.comm;

import io.longstrand.mesh.Slices;
import io.longstrand.tensor.Tensor;
import java.util.List;

/** Sends nothing and counts what {@link GroupCommunicator} would: for plans, whose tensors have no bytes. */
final class RehearsalCommunicator implements Membership {
    private static final Pending DONE = new Pending() {
        @Override
        public void await() {
            // Nothing was begun.
        }

        @Override
        public boolean isDone() {
            return true;
        }
    };

    private final int rank;
    private final int size;
    private final TrafficMeter meter;

    RehearsalCommunicator(int worldRank, Group group, TrafficMeter meter) {
        this.rank = group.members().indexOf(worldRank);
        this.size = group.size();
        this.meter = meter;
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Pending startAllReduce(Tensor tensor) {
        return done(OperationKind.ALL_REDUCE, scattered(tensor) + gathered(tensor));
    }

    @Override
    public Pending startReduceScatter(Tensor input, Tensor slice) {
        return done(OperationKind.REDUCE_SCATTER, scattered(input));
    }

    @Override
    public Pending startAllGather(Tensor slice, Tensor output) {
        return done(OperationKind.ALL_GATHER, gathered(output));
    }

    @Override
    public Pending startAllToAll(List<Tensor> outgoing, List<Tensor> incoming) {
        long all = outgoing.stream().mapToLong(Tensor::bytes).sum();
        return done(OperationKind.ALL_TO_ALL, all - outgoing.get(rank).bytes());
    }

    @Override
    public Pending startBroadcast(int root, Tensor tensor) {
        boolean last = (rank + 1) % size == root;
        return done(OperationKind.BROADCAST, last ? 0 : tensor.bytes());
    }

    @Override
    public Pending startSend(int to, Tensor tensor) {
        return done(OperationKind.SEND_RECEIVE, tensor.bytes());
    }

    @Override
    public Pending startReceive(int from, Tensor tensor) {
        return done(OperationKind.SEND_RECEIVE, 0);
    }

    /** Everybody gets his slice from this rank. */
    private long scattered(Tensor tensor) {
        return tensor.bytes() - sliceBytes(tensor, rank);
    }

    /** The next rank has its own slice already and gets all others from this one. */
    private long gathered(Tensor tensor) {
        return tensor.bytes() - sliceBytes(tensor, (rank + 1) % size);
    }

    private long sliceBytes(Tensor tensor, int of) {
        return new Slices(tensor.elements(), size).length(of) * tensor.type().bytes();
    }

    private Pending done(OperationKind kind, long bytes) {
        meter.sent(kind, bytes);
        meter.ended(kind, 0);
        return DONE;
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
