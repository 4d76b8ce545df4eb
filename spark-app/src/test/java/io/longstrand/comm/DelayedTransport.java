package io.longstrand.comm;

import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A transport on which each message is sent, and asked for, after a pause of random length. */
final class DelayedTransport implements Transport {
    private static final int LONGEST_PAUSE_MICROS = 1000;

    private final Transport transport;
    private final Random random;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "test-late-messages");
        thread.setDaemon(true);
        return thread;
    });

    DelayedTransport(Transport transport, long seed) {
        this.transport = transport;
        random = new Random(seed + transport.rank());
    }

    @Override
    public CompletableFuture<Void> send(int peer, Message message, Region source) {
        return late(() -> transport.send(peer, message, source));
    }

    @Override
    public CompletableFuture<Void> receive(int peer, Message message, long bytes, long offset, Region target) {
        return late(() -> transport.receive(peer, message, bytes, offset, target));
    }

    private CompletableFuture<Void> late(Supplier<CompletableFuture<Void>> transfer) {
        CompletableFuture<CompletableFuture<Void>> begun = new CompletableFuture<>();
        clock.schedule(
                () -> begun.complete(transfer.get()), random.nextInt(LONGEST_PAUSE_MICROS), TimeUnit.MICROSECONDS);
        return begun.thenCompose(done -> done);
    }

    @Override
    public int rank() {
        return transport.rank();
    }

    @Override
    public int world() {
        return transport.world();
    }

    @Override
    public String host(int rank) {
        return transport.host(rank);
    }

    @Override
    public void announce(int peer, Operation operation) {
        transport.announce(peer, operation);
    }

    @Override
    public void fail(Failure failure) {
        transport.fail(failure);
    }

    @Override
    public FirstFailure failure() {
        return transport.failure();
    }

    @Override
    public boolean hasLeft(int rank) {
        return transport.hasLeft(rank);
    }

    @Override
    public long overheadBytes() {
        return transport.overheadBytes();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        transport.close();
    }
}
