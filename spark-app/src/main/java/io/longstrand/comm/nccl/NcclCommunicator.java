package io.longstrand.comm.nccl;

import io.longstrand.comm.Communicator;
import io.longstrand.comm.Group;
import io.longstrand.comm.Membership;
import io.longstrand.comm.Operation;
import io.longstrand.comm.OperationKind;
import io.longstrand.comm.Pending;
import io.longstrand.comm.SentBytes;
import io.longstrand.comm.TrafficMeter;
import io.longstrand.comm.Transport;
import io.longstrand.config.RunFailure;
import io.longstrand.mesh.Slices;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** A group whose tensors are on devices. Slices of one length are NCCL's own; others go as one operation a rank. */
final class NcclCommunicator implements Membership {
    private static final int NO_ROOT = -1;
    private static final int SENDER = 0;
    private static final int RECEIVER = 1;

    private final NcclCalls calls;
    private final Group group;
    private final Transport transport;
    private final Duration timeout;
    private final TrafficMeter meter;
    private final UniqueIds ids;
    private final SentBytes sent;
    private final Channel channel;
    private final Map<Integer, Channel> outgoing = new HashMap<>();
    private final Map<Integer, Channel> incoming = new HashMap<>();
    private final long[] given;
    private final long[] taken;
    private long collectives;

    /** Opens this rank's side and waits for the others'. See {@link io.longstrand.comm.DeviceGroups#open}. */
    NcclCommunicator(
            NcclCalls calls,
            Group members,
            Communicator control,
            Transport transport,
            Duration timeout,
            TrafficMeter meter) {
        this.calls = calls;
        this.transport = transport;
        this.timeout = timeout;
        this.meter = meter;
        // Its operations are told apart from those of the same ranks over hosts.
        group = Group.of("nccl " + members.name(), members.members());
        sent = new SentBytes(control.rank(), control.size());
        ids = new UniqueIds(calls, control);
        given = new long[size()];
        taken = new long[size()];
        List<Integer> others = IntStream.range(1, size())
                .mapToObj(step -> group.inWorld((rank() + step) % size()))
                .toList();
        channel = channel("", others);
        Operation opening = operation(OperationKind.BROADCAST, DataType.INT32, Operation.VARYING, 0);
        try {
            channel.open(opening, size(), rank(), ids::ofGroup).await();
        } catch (RunFailure failed) {
            Channel.close(List.of(channel));
            throw failed;
        }
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
        return Place.DEVICE;
    }

    @Override
    public synchronized Pending startAllReduce(Tensor tensor) {
        long vector = address(tensor);
        return begin(
                operation(OperationKind.ALL_REDUCE, tensor.type(), tensor.elements(), NO_ROOT),
                sent.byAllReduce(tensor),
                (communicator, stream) ->
                        calls.allReduce(vector, tensor.elements(), tensor.type(), communicator, stream));
    }

    @Override
    public synchronized Pending startReduceScatter(Tensor input, Tensor slice) {
        Slices slices = new Slices(input.elements(), size());
        requireSlice(input, slice, slices);
        DataType type = input.type();
        long from = address(input);
        long to = address(slice);
        return begin(
                operation(OperationKind.REDUCE_SCATTER, type, input.elements(), NO_ROOT),
                sent.byReduceScatter(input),
                (communicator, stream) -> {
                    if (isEven(slices)) {
                        calls.reduceScatter(from, to, slice.elements(), type, communicator, stream);
                    } else {
                        eachSlice(slices, (rank, start, count) -> {
                            long part = from + start * type.bytes();
                            calls.reduce(part, rank == rank() ? to : part, count, type, rank, communicator, stream);
                        });
                    }
                });
    }

    @Override
    public synchronized Pending startAllGather(Tensor slice, Tensor output) {
        Slices slices = new Slices(output.elements(), size());
        requireSlice(output, slice, slices);
        DataType type = output.type();
        long from = address(slice);
        long to = address(output);
        return begin(
                operation(OperationKind.ALL_GATHER, type, output.elements(), NO_ROOT),
                sent.byAllGather(output),
                (communicator, stream) -> {
                    if (isEven(slices)) {
                        calls.allGather(from, to, slice.elements(), type, communicator, stream);
                    } else {
                        eachSlice(slices, (rank, start, count) -> {
                            long part = to + start * type.bytes();
                            calls.broadcast(
                                    rank == rank() ? from : part, part, count, type, rank, communicator, stream);
                        });
                    }
                });
    }

    @Override
    public synchronized Pending startAllToAll(List<Tensor> outgoingParts, List<Tensor> incomingParts) {
        requireParts(outgoingParts, incomingParts);
        List<Long> from = outgoingParts.stream().map(NcclCommunicator::address).toList();
        List<Long> to = incomingParts.stream().map(NcclCommunicator::address).toList();
        DataType type = outgoingParts.get(0).type();
        return begin(
                operation(OperationKind.ALL_TO_ALL, type, Operation.VARYING, NO_ROOT),
                sent.byAllToAll(outgoingParts),
                (communicator, stream) -> asOne(() -> {
                    for (int peer = 0; peer < size(); peer++) {
                        long out = outgoingParts.get(peer).elements();
                        long in = incomingParts.get(peer).elements();
                        if (out > 0) {
                            calls.send(from.get(peer), out, type, peer, communicator, stream);
                        }
                        if (in > 0) {
                            calls.receive(to.get(peer), in, type, peer, communicator, stream);
                        }
                    }
                }));
    }

    @Override
    public synchronized Pending startBroadcast(int root, Tensor tensor) {
        long vector = address(tensor);
        return begin(
                operation(OperationKind.BROADCAST, tensor.type(), tensor.elements(), group.inWorld(root)),
                sent.byBroadcast(root, tensor),
                (communicator, stream) ->
                        calls.broadcast(vector, vector, tensor.elements(), tensor.type(), root, communicator, stream));
    }

    @Override
    public synchronized Pending startSend(int to, Tensor tensor) {
        long from = address(tensor);
        requirePeer(to);
        Channel way = outgoing.computeIfAbsent(to, peer -> between("to", peer, SENDER, () -> ids.forReceiver(peer)));
        return way.begin(
                new Operation(group, given[to]++, work(OperationKind.SEND_RECEIVE, tensor)),
                tensor.bytes(),
                (communicator, stream) ->
                        calls.send(from, tensor.elements(), tensor.type(), RECEIVER, communicator, stream));
    }

    @Override
    public synchronized Pending startReceive(int from, Tensor tensor) {
        long to = address(tensor);
        requirePeer(from);
        Channel way = incoming.computeIfAbsent(from, peer -> between("from", peer, RECEIVER, () -> ids.ofSender(peer)));
        return way.begin(
                new Operation(group, taken[from]++, work(OperationKind.SEND_RECEIVE, tensor)),
                0,
                (communicator, stream) ->
                        calls.receive(to, tensor.elements(), tensor.type(), SENDER, communicator, stream));
    }

    /** Nobody waits for it to open: its operations do. */
    private Channel between(String direction, int peer, int side, Supplier<byte[]> id) {
        Channel way = channel("-" + direction + "-" + peer, List.of(group.inWorld(peer)));
        way.open(new Operation(group, 0, work(OperationKind.SEND_RECEIVE, DataType.INT32, 0, NO_ROOT)), 2, side, id);
        return way;
    }

    private Channel channel(String suffix, List<Integer> others) {
        String name = "longstrand-" + group.name().replace(' ', '-') + "-rank-" + transport.rank() + suffix;
        return new Channel(calls, transport, name, timeout, meter, others);
    }

    private Pending begin(Operation operation, long bytes, Channel.Launch launch) {
        if (size() > 1) {
            // Over hosts, where ranks that begin different operations are stopped instead of waiting for each other.
            transport.announce(group.inWorld((rank() + 1) % size()), operation);
        }
        return channel.begin(operation, bytes, launch);
    }

    private Operation operation(OperationKind kind, DataType type, long elements, int root) {
        return new Operation(group, collectives++, work(kind, type, elements, root));
    }

    private static Operation.Work work(OperationKind kind, Tensor tensor) {
        return work(kind, tensor.type(), tensor.elements(), NO_ROOT);
    }

    private static Operation.Work work(OperationKind kind, DataType type, long elements, int root) {
        return new Operation.Work(kind, type, elements, root);
    }

    @FunctionalInterface
    private interface SliceCall {
        void of(int rank, long start, long count);
    }

    private void eachSlice(Slices slices, SliceCall call) {
        asOne(() -> {
            for (int rank = 0; rank < size(); rank++) {
                if (slices.length(rank) > 0) {
                    call.of(rank, slices.from(rank), slices.length(rank));
                }
            }
        });
    }

    /**
     * Makes calls that are one operation. NCCL keeps the group for the thread: it is ended also behind a call that fails,
     * or nothing that the thread calls afterwards, be it to abort, would begin. Why the call failed stays what is told.
     */
    private void asOne(Runnable work) {
        calls.beginGroup();
        try {
            work.run();
        } catch (RuntimeException | Error failed) {
            try {
                calls.endGroup();
            } catch (NcclException also) {
                failed.addSuppressed(also);
            }
            throw failed;
        }
        calls.endGroup();
    }

    private boolean isEven(Slices slices) {
        return slices.length(0) == slices.length(size() - 1);
    }

    private static long address(Tensor tensor) {
        if (tensor.place() != Place.DEVICE || !tensor.isContiguous()) {
            throw new IllegalArgumentException(
                    tensor + " cannot be sent: copy it to adjacent rows on the device first");
        }
        return tensor.address();
    }

    private void requireSlice(Tensor whole, Tensor slice, Slices slices) {
        if (slice.type() != whole.type() || slice.elements() != slices.length(rank())) {
            throw new IllegalArgumentException(
                    "rank " + rank() + " of " + size() + " has " + slices.length(rank()) + " of " + whole.elements()
                            + " " + whole.type() + " elements, not " + slice.elements() + " " + slice.type());
        }
    }

    private void requireParts(List<Tensor> out, List<Tensor> in) {
        if (out.size() != size() || in.size() != size()) {
            throw new IllegalArgumentException(out.size() + " parts out and " + in.size() + " in where group "
                    + group.name() + " has " + size() + " ranks");
        }
        DataType type = out.get(0).type();
        for (int peer = 0; peer < size(); peer++) {
            if (out.get(peer).type() != type || in.get(peer).type() != type) {
                throw new IllegalArgumentException("the parts of one all-to-all differ in type");
            }
        }
        if (out.get(rank()).elements() != in.get(rank()).elements()) {
            throw new IllegalArgumentException(
                    "rank " + rank() + " gives itself " + out.get(rank()).elements() + " elements and takes "
                            + in.get(rank()).elements());
        }
    }

    private void requirePeer(int peer) {
        Objects.checkIndex(peer, size());
        if (peer == rank()) {
            throw new IllegalArgumentException("rank " + peer + " cannot send to itself");
        }
    }

    @Override
    public void close() {
        List<Channel> all = new ArrayList<>(List.of(channel));
        all.addAll(outgoing.values());
        all.addAll(incoming.values());
        Channel.close(all);
    }
}
