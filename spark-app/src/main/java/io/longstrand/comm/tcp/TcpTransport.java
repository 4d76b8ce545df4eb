package io.longstrand.comm.tcp;

import io.longstrand.comm.Agreement;
import io.longstrand.comm.Failure;
import io.longstrand.comm.FirstFailure;
import io.longstrand.comm.Message;
import io.longstrand.comm.Operation;
import io.longstrand.comm.Region;
import io.longstrand.comm.Statement;
import io.longstrand.comm.Transport;
import io.longstrand.config.RunFailure;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/**
 * Messages over connections to every other rank: one for control (requests, announcements, heartbeats, failures), on
 * which nothing ever waits, and several for data, on which a part of a message follows the request for it.
 */
final class TcpTransport implements Transport {
    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final int PULSES_IN_SILENCE = 8;

    private final int rank;
    private final List<PeerAddress> addresses;
    private final Map<Integer, Peer> peers = new TreeMap<>();
    private final Agreement agreement;
    private final FirstFailure failure = new FirstFailure();
    private final LongAdder overhead = new LongAdder();
    private final Watch watch;
    private volatile boolean closing;

    /**
     * Begins to communicate.
     *
     * @param wires to every other rank, control first
     */
    TcpTransport(int rank, List<PeerAddress> addresses, TcpSettings settings, Map<Integer, List<Wire>> wires) {
        this.rank = rank;
        this.addresses = List.copyOf(addresses);
        agreement = new Agreement(rank);
        long run = settings.runDigest();
        Duration pulse = settings.silence().dividedBy(PULSES_IN_SILENCE);
        wires.forEach((other, connections) -> {
            Peer peer = new Peer(other, addresses.get(other).host());
            List<Stream> streams = new ArrayList<>();
            for (Wire wire : connections) {
                String name = "longstrand-comm-rank-" + rank + "-to-" + other + "-" + streams.size();
                streams.add(new Stream(name, wire, run, new Incoming(peer), pulse, overhead));
            }
            peer.connected(streams);
            peers.put(other, peer);
        });
        watch = new Watch(
                "longstrand-comm-rank-" + rank + "-watch", this, List.copyOf(peers.values()), settings.silence());
        peers.values().forEach(peer -> peer.streams().forEach(Stream::start));
        watch.start();
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int world() {
        return addresses.size();
    }

    @Override
    public String host(int other) {
        return addresses.get(other).host();
    }

    @Override
    public FirstFailure failure() {
        return failure;
    }

    @Override
    public boolean hasLeft(int other) {
        return peers.get(other).hasLeft();
    }

    @Override
    public long overheadBytes() {
        return overhead.sum();
    }

    @Override
    public void announce(int other, Operation operation) {
        agreement.begins(operation).ifPresent(wrong -> disagree(rank, wrong));
        peers.get(other).control().send(Frame.announcement(operation));
    }

    @Override
    public CompletableFuture<Void> send(int other, Message message, Region source) {
        Peer peer = peers.get(other);
        Outbox.Outgoing outgoing = new Outbox.Outgoing(message, source);
        try {
            for (Frame request : peer.outbox().offer(outgoing)) {
                answer(peer, outgoing, request);
            }
        } catch (ProtocolException wrong) {
            lost(peer, wrong.getMessage());
        }
        return unlessOver(peer, message.operation(), outgoing.done());
    }

    @Override
    public CompletableFuture<Void> receive(int other, Message message, long bytes, long offset, Region target) {
        Peer peer = peers.get(other);
        Inbox.Part part = new Inbox.Part(message, bytes, offset, target);
        peer.inbox().ask(part);
        peer.control().send(Frame.part(Frame.Kind.REQUEST, message, bytes, offset, target.bytes()));
        return unlessOver(peer, message.operation(), part.done());
    }

    @Override
    public void fail(Failure reported) {
        if (closing || !failure.report(reported)) {
            return;
        }
        byte[] text = FailureText.write(reported);
        Region region = new Region((offset, length) -> ByteBuffer.wrap(text, (int) offset, length), 0, text.length);
        for (Peer peer : peers.values()) {
            peer.control().send(Frame.failure(text.length), region, () -> {});
        }
    }

    @Override
    public void close() {
        closing = true;
        watch.close();
        long deadline = System.nanoTime() + FAREWELL.toNanos();
        peers.values().forEach(peer -> peer.streams().forEach(Stream::finish));
        try {
            for (Peer peer : peers.values()) {
                for (Stream stream : peer.streams()) {
                    stream.close(deadline);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        endTransfers("rank " + rank + " (" + host(rank) + ") has left");
    }

    /** A rank can no longer take part. */
    void lost(Peer peer, String why) {
        String operation =
                peer.waiting().or(this::anyWaiting).map(Operation::toString).orElse("between operations");
        fail(new Failure(peer.rank(), peer.host(), operation, why));
    }

    /** Every transfer fails. Called when nothing is read any more, so that no memory is written that its owner has back. */
    void endTransfers(String why) {
        RunFailure error = new RunFailure(why);
        peers.values().forEach(peer -> peer.end(error));
    }

    private void disagree(int other, Agreement.Disagreement wrong) {
        fail(new Failure(other, host(other), wrong.operation(), wrong.reason()));
    }

    private Optional<Operation> anyWaiting() {
        return peers.values().stream().flatMap(peer -> peer.waiting().stream()).findFirst();
    }

    /** A transfer with a rank that has left fails all; one begun after the end fails by itself. */
    private CompletableFuture<Void> unlessOver(Peer peer, Operation operation, CompletableFuture<Void> done) {
        if (peer.hasLeft() && !done.isDone()) {
            fail(new Failure(peer.rank(), peer.host(), operation.toString(), "it has left"));
        }
        if (watch.hasEnded()) {
            failure.get().ifPresent(first -> endTransfers(first.message()));
        }
        return done;
    }

    /** Sends the part of a message that was asked for, if both sides mean the same. */
    private void answer(Peer peer, Outbox.Outgoing outgoing, Frame request) throws ProtocolException {
        Statement receiver = new Statement(peer.rank(), request.work(), request.bytes());
        Optional<String> difference = outgoing.statement(rank).differenceTo(receiver);
        if (difference.isPresent()) {
            String operation = outgoing.message().operation().toString();
            fail(new Failure(peer.rank(), peer.host(), operation, difference.get()));
            return;
        }
        peer.outbox().writing(outgoing, request.length());
        long end = request.offset() + request.length();
        for (long from = request.offset(); from < end; ) {
            long length = Math.min(Frame.PIECE, end - from);
            Frame frame = Frame.part(Frame.Kind.DATA, outgoing.message(), request.bytes(), from, length);
            peer.data(from).send(frame, outgoing.source().part(from, length), () -> outgoing.written(length));
            from += length;
        }
    }

    /** What arrives from one rank. */
    private final class Incoming implements Stream.Listener {
        private final Peer peer;

        Incoming(Peer peer) {
            this.peer = peer;
        }

        @Override
        public void arrived(Stream stream, Frame frame, Wire wire) throws IOException {
            peer.hear();
            if ((frame.kind() == Frame.Kind.DATA) == peer.isControl(stream) && frame.kind() != Frame.Kind.HEARTBEAT) {
                throw new ProtocolException("it sent " + frame.kind() + " on the wrong connection");
            }
            switch (frame.kind()) {
                case DATA -> {
                    Inbox.Part part = peer.inbox().find(frame);
                    wire.readPayload(part.place(frame).window(0, frame.payload()));
                    peer.inbox().arrived(part, frame.length());
                }
                case REQUEST -> {
                    Optional<Outbox.Outgoing> outgoing = peer.outbox().asked(frame);
                    if (outgoing.isPresent()) {
                        answer(peer, outgoing.get(), frame);
                    }
                }
                case ANNOUNCEMENT ->
                    agreement
                            .begins(peer.rank(), frame.key(), frame.work())
                            .ifPresent(wrong -> disagree(peer.rank(), wrong));
                case FAILURE -> {
                    ByteBuffer text = ByteBuffer.allocate(frame.payload());
                    wire.readPayload(text);
                    failure.report(FailureText.read(text.array()));
                }
                case HEARTBEAT, GOODBYE -> {}
            }
        }

        @Override
        public void ended(Stream stream) {
            stream.finish();
            if (peer.streamEnded()) {
                peer.waiting()
                        .ifPresent(operation ->
                                fail(new Failure(peer.rank(), peer.host(), operation.toString(), "it has left")));
            }
        }

        @Override
        public void broken(Stream stream, boolean whileReading, Exception why) {
            if (closing || failure.get().isPresent() || peer.hasLeft()) {
                return;
            }
            String text = why.getMessage() == null ? why.getClass().getSimpleName() : why.getMessage();
            if ((peer.isControl(stream) && whileReading) || why instanceof ProtocolException) {
                lost(peer, text);
            } else {
                watch.suspect(peer, text);
            }
        }

        @Override
        public boolean stopped() {
            return failure.get().isPresent();
        }
    }
}
