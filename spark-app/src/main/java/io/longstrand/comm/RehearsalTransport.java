package io.longstrand.comm;

import java.util.concurrent.CompletableFuture;

/** Knows how many ranks there are and reaches none. */
record RehearsalTransport(int rank, int world) implements Transport {
    @Override
    public String host(int other) {
        return "nowhere";
    }

    @Override
    public void announce(int peer, Operation operation) {
        throw nobody();
    }

    @Override
    public CompletableFuture<Void> send(int peer, Message message, Region source) {
        throw nobody();
    }

    @Override
    public CompletableFuture<Void> receive(int peer, Message message, long bytes, long offset, Region target) {
        throw nobody();
    }

    @Override
    public void fail(Failure failure) {
        throw nobody();
    }

    @Override
    public FirstFailure failure() {
        throw nobody();
    }

    @Override
    public boolean hasLeft(int other) {
        throw nobody();
    }

    @Override
    public long overheadBytes() {
        return 0;
    }

    @Override
    public void close() {
        // It holds nothing.
    }

    private static IllegalStateException nobody() {
        return new IllegalStateException("a rehearsal reaches no rank");
    }
}
