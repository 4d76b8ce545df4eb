package io.longstrand.comm;

import io.longstrand.config.RunFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;

/**
 * Where senders and receivers of one process meet; whoever comes second copies. Thread-safe: one lock also covers the
 * copies, so that nothing is copied from or to memory whose owner has been told of a failure.
 */
final class Meetings {
    private static final String HOST = "this process";

    private record Route(int from, int to, Message.Key message) {}

    /** A part of a message that a receiver asks for. */
    private record Part(Operation operation, long bytes, long offset, Region target, CompletableFuture<Void> done) {}

    /** Both sides of a message, as far as they have come. */
    private static final class Meeting {
        private final Operation operation;
        private final CompletableFuture<Void> sent = new CompletableFuture<>();
        private final List<Part> asked = new ArrayList<>();
        private Statement sender;
        private Region source;
        private long left;

        Meeting(Operation operation) {
            this.operation = operation;
        }
    }

    private final int world;
    private final FirstFailure failure = new FirstFailure();
    private final List<Agreement> agreements;
    private final Map<Route, Meeting> meetings = new HashMap<>();
    private final Set<Integer> gone = new HashSet<>();

    Meetings(int world) {
        this.world = world;
        agreements = IntStream.range(0, world).mapToObj(Agreement::new).toList();
        failure.whenReported(first -> end((route, meeting) -> true, first));
    }

    int world() {
        return world;
    }

    FirstFailure failure() {
        return failure;
    }

    String host() {
        return HOST;
    }

    Agreement agreement(int rank) {
        return agreements.get(rank);
    }

    synchronized CompletableFuture<Void> send(int from, int to, Message message, Region source) {
        Route route = new Route(from, to, message.key());
        Meeting meeting = meet(route, message);
        meeting.sender = new Statement(from, message.operation().work(), source.bytes());
        meeting.source = source;
        meeting.left = source.bytes();
        deliver(route, meeting);
        endIfOver(to, message.operation());
        return meeting.sent;
    }

    synchronized CompletableFuture<Void> receive(
            int from, int to, Message message, long bytes, long offset, Region target) {
        Route route = new Route(from, to, message.key());
        Part part = new Part(message.operation(), bytes, offset, target, new CompletableFuture<>());
        Meeting meeting = meet(route, message);
        meeting.asked.add(part);
        deliver(route, meeting);
        endIfOver(from, message.operation());
        return part.done();
    }

    /** A rank leaves and takes its memory along: whoever still needs it fails. */
    synchronized void leave(int rank) {
        gone.add(rank);
        meetings.entrySet().stream()
                .filter(entry -> waitsFor(rank, entry.getKey(), entry.getValue()))
                .findFirst()
                .ifPresent(entry -> failure.report(left(rank, entry.getValue().operation)));
        end(
                (route, meeting) -> route.from() == rank || route.to() == rank,
                new Failure(rank, HOST, "between operations", "it has left"));
    }

    synchronized boolean hasLeft(int rank) {
        return gone.contains(rank);
    }

    private static boolean waitsFor(int rank, Route route, Meeting meeting) {
        return (route.to() == rank && meeting.source != null) || (route.from() == rank && !meeting.asked.isEmpty());
    }

    private Meeting meet(Route route, Message message) {
        return meetings.computeIfAbsent(route, first -> new Meeting(message.operation()));
    }

    private void deliver(Route route, Meeting meeting) {
        if (meeting.source == null) {
            return;
        }
        for (Part part : List.copyOf(meeting.asked)) {
            Statement receiver = new Statement(route.to(), part.operation().work(), part.bytes());
            meeting.sender
                    .differenceTo(receiver)
                    .ifPresent(text ->
                            failure.report(new Failure(route.from(), HOST, meeting.operation.toString(), text)));
            if (failure.get().isPresent()) {
                return;
            }
            meeting.source.part(part.offset(), part.target().bytes()).copyTo(part.target());
            meeting.left -= part.target().bytes();
            meeting.asked.remove(part);
            part.done().complete(null);
        }
        if (meeting.left == 0) {
            meetings.remove(route);
            meeting.sent.complete(null);
        }
    }

    private void endIfOver(int peer, Operation operation) {
        if (gone.contains(peer)) {
            failure.report(left(peer, operation));
        }
        failure.get().ifPresent(first -> end((route, meeting) -> true, first));
    }

    private synchronized void end(BiPredicate<Route, Meeting> which, Failure first) {
        RunFailure error = new RunFailure(first.message());
        for (Map.Entry<Route, Meeting> entry : List.copyOf(meetings.entrySet())) {
            Meeting meeting = entry.getValue();
            if (which.test(entry.getKey(), meeting)) {
                meetings.remove(entry.getKey());
                meeting.sent.completeExceptionally(error);
                meeting.asked.forEach(part -> part.done().completeExceptionally(error));
            }
        }
    }

    private static Failure left(int rank, Operation operation) {
        return new Failure(rank, HOST, operation.toString(), "it has left");
    }
}
