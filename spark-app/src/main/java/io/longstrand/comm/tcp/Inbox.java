package io.longstrand.comm.tcp;

import io.longstrand.comm.Message;
import io.longstrand.comm.Operation;
import io.longstrand.comm.Region;
import io.longstrand.config.RunFailure;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The parts of messages that one rank was asked for and that have not wholly arrived. */
final class Inbox {
    /** A part, and how much of it is missing. */
    static final class Part {
        private final Message message;
        private final long bytes;
        private final long offset;
        private final Region target;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private long missing;

        Part(Message message, long bytes, long offset, Region target) {
            this.message = message;
            this.bytes = bytes;
            this.offset = offset;
            this.target = target;
            missing = target.bytes();
        }

        CompletableFuture<Void> done() {
            return done;
        }

        /** Where a frame's bytes go. */
        Region place(Frame frame) {
            return target.part(frame.offset() - offset, frame.length());
        }

        private boolean holds(Frame frame) {
            return frame.offset() >= offset && frame.offset() + frame.length() <= offset + target.bytes();
        }
    }

    private final Map<Message.Key, List<Part>> asked = new HashMap<>();

    synchronized void ask(Part part) {
        asked.computeIfAbsent(part.message.key(), none -> new ArrayList<>()).add(part);
    }

    /** The part that a frame belongs to. @throws ProtocolException when nobody asked for it */
    synchronized Part find(Frame frame) throws ProtocolException {
        for (Part part : asked.getOrDefault(frame.message(), List.of())) {
            if (part.holds(frame)
                    && part.bytes == frame.bytes()
                    && part.message.operation().work().equals(frame.work())) {
                return part;
            }
        }
        throw new ProtocolException("it sent " + frame.length() + " bytes of " + frame.work() + " "
                + frame.key().number() + " that nobody asked for");
    }

    /** So many bytes of a part are in their place. */
    void arrived(Part part, long length) throws ProtocolException {
        boolean complete;
        synchronized (this) {
            part.missing -= length;
            if (part.missing < 0) {
                throw new ProtocolException("it sent bytes of " + part.message.operation() + " twice");
            }
            complete = part.missing == 0;
            if (complete) {
                List<Part> parts = asked.get(part.message.key());
                parts.remove(part);
                if (parts.isEmpty()) {
                    asked.remove(part.message.key());
                }
            }
        }
        if (complete) {
            part.done.complete(null);
        }
    }

    /** An operation that waits for the other side, if there is one. */
    synchronized Optional<Operation> waiting() {
        return asked.values().stream()
                .map(parts -> parts.get(0).message.operation())
                .findFirst();
    }

    /** Nothing more arrives. */
    synchronized void end(RunFailure failure) {
        asked.values().forEach(parts -> parts.forEach(part -> part.done.completeExceptionally(failure)));
        asked.clear();
    }
}
