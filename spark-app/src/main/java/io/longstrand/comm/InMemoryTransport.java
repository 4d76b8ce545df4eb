package io.longstrand.comm;

import java.util.concurrent.CompletableFuture;

/** Carries messages between threads of one process through a {@link Meetings}. */
final class InMemoryTransport implements Transport {
    private final Meetings meetings;
    private final int rank;

    InMemoryTransport(Meetings meetings, int rank) {
        this.meetings = meetings;
        this.rank = rank;
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int world() {
        return meetings.world();
    }

    @Override
    public String host(int peer) {
        return meetings.host();
    }

    @Override
    public void announce(int peer, Operation operation) {
        meetings.agreement(rank).begins(operation).ifPresent(wrong -> disagree(rank, wrong));
        meetings.agreement(peer)
                .begins(rank, operation.key(), operation.work())
                .ifPresent(wrong -> disagree(peer, wrong));
    }

    @Override
    public CompletableFuture<Void> send(int peer, Message message, Region source) {
        return meetings.send(rank, peer, message, source);
    }

    @Override
    public CompletableFuture<Void> receive(int peer, Message message, long bytes, long offset, Region target) {
        return meetings.receive(peer, rank, message, bytes, offset, target);
    }

    @Override
    public void fail(Failure failure) {
        meetings.failure().report(failure);
    }

    @Override
    public FirstFailure failure() {
        return meetings.failure();
    }

    @Override
    public boolean hasLeft(int other) {
        return meetings.hasLeft(other);
    }

    @Override
    public long overheadBytes() {
        return 0;
    }

    @Override
    public void close() {
        meetings.leave(rank);
    }

    private void disagree(int seenBy, Agreement.Disagreement wrong) {
        fail(new Failure(seenBy, host(seenBy), wrong.operation(), wrong.reason()));
    }
}
