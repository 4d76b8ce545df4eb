package io.longstrand.comm.tcp;

import io.longstrand.comm.Operation;
import io.longstrand.config.RunFailure;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Another rank: its connections and the messages on their way between the two. */
final class Peer {
    private final int rank;
    private final String host;
    private final Inbox inbox = new Inbox();
    private final Outbox outbox = new Outbox();
    private final AtomicInteger ended = new AtomicInteger();
    private volatile List<Stream> streams = List.of();
    private volatile long heard = System.nanoTime();

    Peer(int rank, String host) {
        this.rank = rank;
        this.host = host;
    }

    int rank() {
        return rank;
    }

    String host() {
        return host;
    }

    Inbox inbox() {
        return inbox;
    }

    Outbox outbox() {
        return outbox;
    }

    /** Control first. */
    void connected(List<Stream> connections) {
        streams = List.copyOf(connections);
    }

    List<Stream> streams() {
        return streams;
    }

    Stream control() {
        return streams.get(0);
    }

    boolean isControl(Stream stream) {
        return stream == control();
    }

    /** The data connection for the piece of a message that begins at an offset. */
    Stream data(long offset) {
        return streams.get(1 + (int) (offset / Frame.PIECE % (streams.size() - 1)));
    }

    /** It gave a sign of life. */
    void hear() {
        heard = System.nanoTime();
    }

    long silentNanos() {
        return System.nanoTime() - heard;
    }

    /** One of its connections ended as it should. @return whether it was the last */
    boolean streamEnded() {
        return ended.incrementAndGet() == streams.size();
    }

    /** Whether it said goodbye on every connection. */
    boolean hasLeft() {
        return ended.get() == streams.size();
    }

    /** An operation that needs it, if there is one. */
    Optional<Operation> waiting() {
        return inbox.waiting().or(outbox::waiting);
    }

    void end(RunFailure failure) {
        inbox.end(failure);
        outbox.end(failure);
    }
}
