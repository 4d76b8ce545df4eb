package io.longstrand.comm.nccl;

import io.longstrand.comm.Begun;
import io.longstrand.comm.Failure;
import io.longstrand.comm.GroupThread;
import io.longstrand.comm.Operation;
import io.longstrand.comm.OperationKind;
import io.longstrand.comm.Pending;
import io.longstrand.comm.TrafficMeter;
import io.longstrand.comm.Transport;
import io.longstrand.config.RunFailure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * One communicator of NCCL with its stream: operations one after another, each on a thread that waits until the device
 * has done it, and ends it when a rank is lost, NCCL says that something went wrong, or it takes too long.
 */
final class Channel implements AutoCloseable {
    /** An operation, begun on the device. */
    @FunctionalInterface
    interface Launch {
        /** Makes the calls; they run in their order. */
        void on(long communicator, long stream);
    }

    /** Short beside an operation, long beside a look. */
    private static final long PAUSE_NANOS = 20_000;

    private static final Duration ENDING = Duration.ofSeconds(10);

    /** An operation that a rank has done before it left is done here in a moment. */
    private static final Duration LEAVING = Duration.ofSeconds(2);

    private final NcclCalls calls;
    private final Transport transport;
    private final Duration timeout;
    private final TrafficMeter meter;
    private final List<Integer> others;
    private final GroupThread thread;
    private long communicator;
    private long stream;
    private boolean open;

    /**
     * Nothing is opened yet.
     *
     * @param name of its thread
     * @param timeout longest time one operation may take
     * @param others ranks of the world that take part, the first of which is named when an operation takes too long
     */
    Channel(
            NcclCalls calls,
            Transport transport,
            String name,
            Duration timeout,
            TrafficMeter meter,
            List<Integer> others) {
        this.calls = calls;
        this.transport = transport;
        this.timeout = timeout;
        this.meter = meter;
        this.others = others;
        thread = new GroupThread(name);
    }

    /**
     * Begins to open the communicator.
     *
     * @param uniqueId makes it, or waits for the rank that does
     */
    Pending open(Operation operation, int ranks, int rank, Supplier<byte[]> uniqueId) {
        return begin(operation, () -> {
            byte[] id = uniqueId.get();
            stream = calls.openStream();
            communicator = calls.open(ranks, id, rank);
            open = true;
            await(operation, System.nanoTime(), false);
        });
    }

    /** Begins an operation behind those before it. @param bytes that this rank sends in it */
    Pending begin(Operation operation, long bytes, Launch launch) {
        OperationKind kind = operation.work().kind();
        return begin(operation, () -> {
            long began = System.nanoTime();
            meter.sent(kind, bytes);
            launch.on(communicator, stream);
            await(operation, began, true);
            meter.ended(kind, System.nanoTime() - began);
        });
    }

    private Pending begin(Operation operation, Runnable work) {
        return new Begun(operation.toString(), thread.begin(operation.toString(), () -> {
            transport.failure().check();
            try {
                work.run();
            } catch (RunFailure known) {
                abort();
                throw known;
            } catch (RuntimeException failed) {
                throw failed(operation, transport.rank(), failed.getMessage(), failed);
            }
        }));
    }

    private void await(Operation operation, long began, boolean onDevice) {
        OptionalLong left = OptionalLong.empty();
        while (!calls.settled(communicator) || (onDevice && !calls.idle(stream))) {
            transport.failure().check();
            Optional<Integer> gone = others.stream().filter(transport::hasLeft).findFirst();
            if (gone.isPresent()) {
                left = OptionalLong.of(left.orElse(System.nanoTime()));
                if (System.nanoTime() - left.getAsLong() > LEAVING.toNanos()) {
                    throw failed(operation, gone.get(), "it has left", null);
                }
            }
            if (Thread.currentThread().isInterrupted()) {
                throw failed(operation, transport.rank(), "it was interrupted while it waited", null);
            }
            if (System.nanoTime() - began > timeout.toNanos()) {
                String reason = "rank " + transport.rank() + " waited " + timeout.toMillis() / 1000.0
                        + " s for it (comm.operation-timeout)";
                throw failed(operation, others.isEmpty() ? transport.rank() : others.get(0), reason, null);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Tells all ranks and ends what is under way: its memory may be given back afterwards. */
    private RunFailure failed(Operation operation, int culprit, String reason, Throwable cause) {
        transport.fail(new Failure(culprit, transport.host(culprit), operation.toString(), reason));
        abort();
        return new RunFailure(transport.failure().get().map(Failure::message).orElse(operation + ": " + reason), cause);
    }

    /** Kernels that were ended leave in a moment. */
    private void abort() {
        if (!open) {
            return;
        }
        open = false;
        try {
            calls.abort(communicator);
            long deadline = System.nanoTime() + ENDING.toNanos();
            while (!calls.idle(stream) && System.nanoTime() < deadline) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            calls.closeStream(stream);
        } catch (NcclException failed) {
            // A device that has failed runs nothing any more, and what ended the run is told already.
        }
    }

    /** Ends what is in progress. What is done is ended together with the other ranks, so that nobody needs this one. */
    @Override
    public void close() {
        try {
            thread.close();
            if (open && transport.failure().get().isEmpty() && finished()) {
                open = false;
                calls.destroy(communicator);
                calls.closeStream(stream);
            }
        } finally {
            abort();
        }
    }

    private boolean finished() {
        try {
            calls.finish(communicator);
            long deadline = System.nanoTime() + ENDING.toNanos();
            while (!calls.settled(communicator)) {
                if (System.nanoTime() > deadline || transport.failure().get().isPresent()) {
                    return false;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            return true;
        } catch (NcclException failed) {
            return false;
        }
    }
}
