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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One communicator of NCCL with its stream: operations one after another, each on a thread that waits until the device
 * has done it, and ends it when a rank is lost, NCCL says that something went wrong, or it takes too long.
 */
final class Channel {
    /** An operation, begun on the device. */
    @FunctionalInterface
    interface Launch {
        /** Makes the calls; they run in their order. */
        void on(long communicator, long stream);
    }

    /** How far its communicator is. */
    private enum State {
        /** Not opened, or given back. */
        NONE,
        OPEN,
        /** Asked to finish, and not yet done with it. */
        FINISHING,
        FINISHED
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
    private State state = State.NONE;
    private boolean streaming;

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
            // Noted before what follows can fail: whatever happens, abort() gives it back.
            streaming = true;
            communicator = calls.open(ranks, id, rank);
            state = State.OPEN;
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
            } catch (Error failed) {
                // A library without this call, memory that is out: the others would wait until it takes too long.
                throw failed(operation, transport.rank(), failed.toString(), failed);
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
        try {
            transport.fail(new Failure(culprit, transport.host(culprit), operation.toString(), reason));
        } finally {
            abort();
        }
        return new RunFailure(transport.failure().get().map(Failure::message).orElse(operation + ": " + reason), cause);
    }

    /** Gives back what there is, done or not. Kernels that were ended leave in a moment. */
    private void abort() {
        if (state != State.NONE) {
            state = State.NONE;
            quietly(() -> calls.abort(communicator));
        }
        if (streaming) {
            quietly(() -> {
                long deadline = System.nanoTime() + ENDING.toNanos();
                while (!calls.idle(stream) && System.nanoTime() < deadline) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
                closeStream();
            });
        }
    }

    private static void quietly(Runnable work) {
        try {
            work.run();
        } catch (NcclException failed) {
            // A device that has failed runs nothing any more, and what ended the run is told already.
        }
    }

    private void closeStream() {
        streaming = false;
        calls.closeStream(stream);
    }

    /**
     * Closes channels, also behind one that does not stop in time. What is in progress is ended; what is done is finished
     * together with the other ranks, so that nobody needs this one. Finishing is begun on every channel before it is waited
     * for on any: in a ring, where each rank's first is another's last, all would otherwise wait for each other.
     */
    static void close(List<Channel> channels) {
        each(channels, Channel::finish, () -> {
            try {
                awaitFinished(channels);
            } finally {
                each(channels, Channel::close, () -> {});
            }
        });
    }

    private static void each(List<Channel> channels, Consumer<Channel> work, Runnable then) {
        if (channels.isEmpty()) {
            then.run();
            return;
        }
        try {
            work.accept(channels.get(0));
        } finally {
            each(channels.subList(1, channels.size()), work, then);
        }
    }

    private static void awaitFinished(List<Channel> channels) {
        List<Channel> left = new ArrayList<>(channels);
        long began = System.nanoTime();
        left.removeIf(channel -> !channel.isFinishing(began));
        while (!left.isEmpty()) {
            LockSupport.parkNanos(PAUSE_NANOS);
            left.removeIf(channel -> !channel.isFinishing(began));
        }
    }

    /** Ends what is in progress, and begins to finish with the other ranks what is done. */
    private void finish() {
        thread.close();
        if (state == State.OPEN && transport.failure().get().isEmpty()) {
            quietly(() -> {
                calls.finish(communicator);
                state = State.FINISHING;
            });
        }
    }

    /** Looks whether others are still to be waited for. @param began when the wait did */
    private boolean isFinishing(long began) {
        if (state == State.FINISHING) {
            // What goes wrong leaves it open, to be aborted.
            State next = State.OPEN;
            try {
                if (calls.settled(communicator)) {
                    next = State.FINISHED;
                } else if (System.nanoTime() - began < patience().toNanos()
                        && transport.failure().get().isEmpty()) {
                    next = State.FINISHING;
                }
            } catch (NcclException failed) {
                // It is aborted.
            }
            state = next;
        }
        return state == State.FINISHING;
    }

    /**
     * Others may never come, because they wait in an operation for this rank, which has failed and not said so. They must
     * see that it has left, and be sure of it, before that operation takes too long, or they would name a wrong reason.
     */
    private Duration patience() {
        Duration part = timeout.dividedBy(4);
        return part.compareTo(ENDING) < 0 ? part : ENDING;
    }

    /** Gives back what has finished, and ends what has not. */
    private void close() {
        try {
            if (state == State.FINISHED) {
                state = State.NONE;
                calls.destroy(communicator);
                closeStream();
            }
        } finally {
            abort();
        }
    }
}
