package io.longstrand.comm;

import io.longstrand.tensor.Place;
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

    private final SentBytes sent;
    private final Place place;
    private final TrafficMeter meter;

    RehearsalCommunicator(int worldRank, Group group, Place place, TrafficMeter meter) {
        sent = new SentBytes(group.members().indexOf(worldRank), group.size());
        this.place = place;
        this.meter = meter;
    }

    @Override
    public int rank() {
        return sent.rank();
    }

    @Override
    public int size() {
        return sent.size();
    }

    @Override
    public Place place() {
        return place;
    }

    @Override
    public Pending startAllReduce(Tensor tensor) {
        return done(OperationKind.ALL_REDUCE, sent.byAllReduce(tensor));
    }

    @Override
    public Pending startReduceScatter(Tensor input, Tensor slice) {
        return done(OperationKind.REDUCE_SCATTER, sent.byReduceScatter(input));
    }

    @Override
    public Pending startAllGather(Tensor slice, Tensor output) {
        return done(OperationKind.ALL_GATHER, sent.byAllGather(output));
    }

    @Override
    public Pending startAllToAll(List<Tensor> outgoing, List<Tensor> incoming) {
        return done(OperationKind.ALL_TO_ALL, sent.byAllToAll(outgoing));
    }

    @Override
    public Pending startBroadcast(int root, Tensor tensor) {
        return done(OperationKind.BROADCAST, sent.byBroadcast(root, tensor));
    }

    @Override
    public Pending startSend(int to, Tensor tensor) {
        return done(OperationKind.SEND_RECEIVE, tensor.bytes());
    }

    @Override
    public Pending startReceive(int from, Tensor tensor) {
        return done(OperationKind.SEND_RECEIVE, 0);
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
