package io.longstrand.comm;

import io.longstrand.config.RunFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One operation in progress on one rank: its messages to and from the other ranks, all within the time one operation
 * may take. Ranks are numbers in the group.
 */
final class Exchange {
    /** A message, or part of one, on its way. */
    record Transfer(int rank, CompletableFuture<Void> done) {}

    private static final Duration SETTLING = Duration.ofSeconds(5);

    private final Transport transport;
    private final Operation operation;
    private final int rank;
    private final Duration timeout;
    private final TrafficMeter meter;
    private final long began = System.nanoTime();

    Exchange(Transport transport, Operation operation, Duration timeout, TrafficMeter meter) {
        this.transport = transport;
        this.operation = operation;
        this.timeout = timeout;
        this.meter = meter;
        rank = operation.group().members().indexOf(transport.rank());
    }

    int rank() {
        return rank;
    }

    int size() {
        return operation.group().size();
    }

    /** The rank so many steps on in the ring. */
    int neighbour(int steps) {
        return Math.floorMod(rank + steps, size());
    }

    Transfer send(int to, int index, Region source) {
        if (source.bytes() == 0) {
            return new Transfer(to, CompletableFuture.completedFuture(null));
        }
        meter.sent(operation.work().kind(), source.bytes());
        return new Transfer(to, transport.send(operation.group().inWorld(to), new Message(operation, index), source));
    }

    Transfer receive(int from, int index, Region target) {
        return receivePart(from, index, target.bytes(), 0, target);
    }

    /** Asks for a part of a message of {@code bytes}. */
    Transfer receivePart(int from, int index, long bytes, long offset, Region target) {
        if (target.bytes() == 0) {
            return new Transfer(from, CompletableFuture.completedFuture(null));
        }
        return new Transfer(
                from,
                transport.receive(
                        operation.group().inWorld(from), new Message(operation, index), bytes, offset, target));
    }

    void await(List<Transfer> transfers) {
        transfers.forEach(this::await);
    }

    void await(Transfer transfer) {
        long left = timeout.toNanos() - (System.nanoTime() - began);
        try {
            transfer.done().get(Math.max(left, 0), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            String reason = "rank " + transport.rank() + " waited " + timeout.toMillis() / 1000.0
                    + " s for it (comm.operation-timeout)";
            fail(operation.group().inWorld(transfer.rank()), reason, transfer);
            throw error(late);
        } catch (ExecutionException failed) {
            throw error(failed.getCause());
        } catch (InterruptedException interrupted) {
            fail(transport.rank(), "it was interrupted while it waited", transfer);
            Thread.currentThread().interrupt();
            throw error(interrupted);
        }
    }

    /** Fails every rank and waits until that has ended the transfer: its memory may be given back afterwards. */
    private void fail(int culprit, String reason, Transfer transfer) {
        transport.fail(new Failure(culprit, transport.host(culprit), operation.toString(), reason));
        try {
            transfer.done().get(SETTLING.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException ended) {
            // As was to be.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private RunFailure error(Throwable cause) {
        return transport
                .failure()
                .get()
                .map(failure -> new RunFailure(failure.message(), cause))
                .orElseGet(() -> new RunFailure(
                        "rank " + transport.rank() + " (" + transport.host(transport.rank()) + ") stopped during "
                                + operation + (cause.getMessage() == null ? "" : ": " + cause.getMessage()),
                        cause));
    }
}
