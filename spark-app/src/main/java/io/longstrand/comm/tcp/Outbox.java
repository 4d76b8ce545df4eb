package io.longstrand.comm.tcp;

import io.longstrand.comm.Message;
import io.longstrand.comm.Operation;
import io.longstrand.comm.Region;
import io.longstrand.comm.Statement;
import io.longstrand.config.RunFailure;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Messages for one rank that it has not wholly asked for, and what it asked for before there was a message. */
final class Outbox {
    /** No rank asks for so much ahead of what the other has begun. */
    private static final int MOST_EARLY = 1 << 16;

    /** A message. */
    static final class Outgoing {
        private final Message message;
        private final Region source;
        private final AtomicLong unwritten;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private long asked;

        Outgoing(Message message, Region source) {
            this.message = message;
            this.source = source;
            unwritten = new AtomicLong(source.bytes());
        }

        Message message() {
            return message;
        }

        Region source() {
            return source;
        }

        CompletableFuture<Void> done() {
            return done;
        }

        Statement statement(int rank) {
            return new Statement(rank, message.operation().work(), source.bytes());
        }

        /** So many bytes more are on their way. */
        void written(long bytes) {
            if (unwritten.addAndGet(-bytes) == 0) {
                done.complete(null);
            }
        }
    }

    private final Map<Message.Key, Outgoing> offered = new HashMap<>();
    private final Map<Message.Key, List<Frame>> early = new HashMap<>();
    private final List<Outgoing> writing = new ArrayList<>();
    private int earlyCount;

    /** Takes a message. @return what the other side has asked for of it */
    synchronized List<Frame> offer(Outgoing outgoing) {
        offered.put(outgoing.message.key(), outgoing);
        List<Frame> asked = early.remove(outgoing.message.key());
        earlyCount -= asked == null ? 0 : asked.size();
        return asked == null ? List.of() : asked;
    }

    /** The other side asks. @return the message, unless there is none yet: then the request is kept */
    synchronized Optional<Outgoing> asked(Frame request) throws ProtocolException {
        Outgoing outgoing = offered.get(request.message());
        if (outgoing == null) {
            if (++earlyCount > MOST_EARLY) {
                throw new ProtocolException("it asked for " + earlyCount + " messages that nobody has begun");
            }
            early.computeIfAbsent(request.message(), none -> new ArrayList<>()).add(request);
        }
        return Optional.ofNullable(outgoing);
    }

    /** A part of a message is about to be written. @throws ProtocolException when it was asked for twice */
    synchronized void writing(Outgoing outgoing, long length) throws ProtocolException {
        outgoing.asked += length;
        if (outgoing.asked > outgoing.source.bytes()) {
            throw new ProtocolException("it asked for more than all of a message");
        }
        if (outgoing.asked == outgoing.source.bytes()) {
            offered.remove(outgoing.message.key());
            writing.removeIf(one -> one.done.isDone());
            writing.add(outgoing);
        }
    }

    /** An operation that the other side has yet to ask for, if there is one. */
    synchronized Optional<Operation> waiting() {
        return offered.values().stream()
                .map(outgoing -> outgoing.message.operation())
                .findFirst();
    }

    /** Nothing more is sent. */
    synchronized void end(RunFailure failure) {
        offered.values().forEach(outgoing -> outgoing.done.completeExceptionally(failure));
        writing.forEach(outgoing -> outgoing.done.completeExceptionally(failure));
        offered.clear();
        writing.clear();
    }
}
