package io.longstrand.comm;

import io.longstrand.comm.Exchange.Transfer;
import io.longstrand.mesh.Slices;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The algorithms of a group over any transport: the same order of sums, so the same bits, whatever carries them. */
final class GroupCommunicator implements Membership {
    private static final int NO_ROOT = -1;

    private final Transport transport;
    private final Group group;
    private final Duration timeout;
    private final TrafficMeter meter;
    private final int rank;
    private final GroupThread thread;
    private final DirectReduceScatter reduceScatter = new DirectReduceScatter();
    private final long[] sent;
    private final long[] received;
    private long collectives;

    GroupCommunicator(Transport transport, Group group, Duration timeout, TrafficMeter meter) {
        this.transport = transport;
        this.group = group;
        this.timeout = timeout;
        this.meter = meter;
        rank = group.members().indexOf(transport.rank());
        if (rank < 0) {
            throw new IllegalArgumentException(
                    "rank " + transport.rank() + " is no member of group " + group.name() + " " + group.members());
        }
        thread = new GroupThread("longstrand-comm-" + group.name() + "-rank-" + transport.rank());
        sent = new long[group.size()];
        received = new long[group.size()];
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return group.size();
    }

    @Override
    public Place place() {
        return Place.HOST;
    }

    @Override
    public Pending startAllReduce(Tensor tensor) {
        Region whole = Region.of(tensor);
        Slices slices = new Slices(tensor.elements(), size());
        return begin(work(OperationKind.ALL_REDUCE, tensor), exchange -> {
            Region own = DirectReduceScatter.part(whole, tensor.type(), slices, rank);
            RingAllGather gather = new RingAllGather(exchange, 1, tensor.type(), slices, whole);
            reduceScatter.run(exchange, 0, tensor.type(), slices, whole, own, gather::have);
            gather.run();
        });
    }

    @Override
    public Pending startReduceScatter(Tensor input, Tensor slice) {
        Slices slices = new Slices(input.elements(), size());
        requireSlice(input, slice, slices);
        Region from = Region.of(input);
        Region to = Region.of(slice);
        return begin(
                work(OperationKind.REDUCE_SCATTER, input),
                exchange -> reduceScatter.run(exchange, 0, input.type(), slices, from, to, done -> {}));
    }

    @Override
    public Pending startAllGather(Tensor slice, Tensor output) {
        Slices slices = new Slices(output.elements(), size());
        requireSlice(output, slice, slices);
        Region from = Region.of(slice);
        Region to = Region.of(output);
        return begin(work(OperationKind.ALL_GATHER, output), exchange -> {
            RingAllGather gather = new RingAllGather(exchange, 0, output.type(), slices, to);
            from.copyTo(DirectReduceScatter.part(to, output.type(), slices, rank));
            gather.have(from.bytes());
            gather.run();
        });
    }

    @Override
    public Pending startAllToAll(List<Tensor> outgoing, List<Tensor> incoming) {
        if (outgoing.size() != size() || incoming.size() != size()) {
            throw new IllegalArgumentException(outgoing.size() + " parts out and " + incoming.size()
                    + " in where group " + group.name() + " has " + size() + " ranks");
        }
        DataType type = outgoing.get(0).type();
        for (int peer = 0; peer < size(); peer++) {
            if (outgoing.get(peer).type() != type || incoming.get(peer).type() != type) {
                throw new IllegalArgumentException("the parts of one all-to-all differ in type");
            }
        }
        List<Region> from = outgoing.stream().map(Region::of).toList();
        List<Region> to = incoming.stream().map(Region::of).toList();
        if (from.get(rank).bytes() != to.get(rank).bytes()) {
            throw new IllegalArgumentException(
                    "rank " + rank + " gives itself " + from.get(rank).bytes() + " bytes and takes "
                            + to.get(rank).bytes());
        }
        Operation.Work work = new Operation.Work(OperationKind.ALL_TO_ALL, type, Operation.VARYING, NO_ROOT);
        return begin(work, exchange -> new DirectAllToAll(exchange).run(from, to));
    }

    @Override
    public Pending startBroadcast(int root, Tensor tensor) {
        Region whole = Region.of(tensor);
        Operation.Work work =
                new Operation.Work(OperationKind.BROADCAST, tensor.type(), tensor.elements(), group.inWorld(root));
        return begin(work, exchange -> new ChainBroadcast(exchange).run(root, whole));
    }

    @Override
    public synchronized Pending startSend(int to, Tensor tensor) {
        Region whole = Region.of(tensor);
        Exchange exchange = pointToPoint(to, sent, tensor);
        return pending(exchange, exchange.send(to, 0, whole));
    }

    @Override
    public synchronized Pending startReceive(int from, Tensor tensor) {
        Region whole = Region.of(tensor);
        Exchange exchange = pointToPoint(from, received, tensor);
        return pending(exchange, exchange.receive(from, 0, whole));
    }

    @Override
    public void close() {
        thread.close();
    }

    private Exchange pointToPoint(int peer, long[] numbers, Tensor tensor) {
        Objects.checkIndex(peer, size());
        if (peer == rank) {
            throw new IllegalArgumentException("rank " + rank + " cannot send to itself");
        }
        Operation.Work work = work(OperationKind.SEND_RECEIVE, tensor);
        return new Exchange(transport, new Operation(group, numbers[peer]++, work), timeout, meter);
    }

    private Pending pending(Exchange exchange, Transfer transfer) {
        long began = System.nanoTime();
        transfer.done()
                .whenComplete((done, failed) -> meter.ended(OperationKind.SEND_RECEIVE, System.nanoTime() - began));
        return new Pending() {
            @Override
            public void await() {
                exchange.await(transfer);
            }

            @Override
            public boolean isDone() {
                return transfer.done().isDone();
            }
        };
    }

    private synchronized Pending begin(Operation.Work work, Consumer<Exchange> body) {
        Operation operation = new Operation(group, collectives++, work);
        if (size() > 1) {
            transport.announce(group.inWorld((rank + 1) % size()), operation);
        }
        CompletableFuture<Void> done = thread.begin(operation.toString(), () -> {
            transport.failure().check();
            Exchange exchange = new Exchange(transport, operation, timeout, meter);
            long began = System.nanoTime();
            body.accept(exchange);
            meter.ended(work.kind(), System.nanoTime() - began);
        });
        return new Begun(operation.toString(), done);
    }

    private static Operation.Work work(OperationKind kind, Tensor tensor) {
        return new Operation.Work(kind, tensor.type(), tensor.elements(), NO_ROOT);
    }

    private void requireSlice(Tensor whole, Tensor slice, Slices slices) {
        if (slice.type() != whole.type() || slice.elements() != slices.length(rank)) {
            throw new IllegalArgumentException(
                    "rank " + rank + " of " + size() + " has " + slices.length(rank) + " of " + whole.elements() + " "
                            + whole.type() + " elements, not " + slice.elements() + " " + slice.type());
        }
    }
}
