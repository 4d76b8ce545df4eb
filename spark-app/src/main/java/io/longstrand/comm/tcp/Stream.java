package io.longstrand.comm.tcp;

import io.longstrand.comm.Region;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** One connection at work: a thread writes what is queued, another reads what arrives. */
final class Stream {
    private static final Region NOTHING = new Region((offset, length) -> ByteBuffer.allocate(length), 0, 0);

    /** Who deals with what arrives. Called by the reading thread, but for {@link #broken}. */
    interface Listener {
        /** A header arrived; its payload is still to be read from the wire. */
        void arrived(Stream stream, Frame frame, Wire wire) throws IOException;

        /** The other side will send nothing more. */
        void ended(Stream stream);

        /** The connection is of no use any more. */
        void broken(Stream stream, boolean whileReading, Exception why);

        /** Whether messages still matter. */
        boolean stopped();
    }

    private record Outbound(Frame frame, Region payload, Runnable written) {}

    private final Wire wire;
    private final long run;
    private final Listener listener;
    private final Duration pulse;
    private final LongAdder overhead;
    private final BlockingQueue<Outbound> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger directions = new AtomicInteger(2);
    private final Thread writer;
    private final Thread reader;

    /**
     * A connection that is not at work yet.
     *
     * @param name of its threads
     * @param run digest of the run's name
     * @param pulse a heartbeat is sent whenever nothing else was for so long
     * @param overhead counts bytes written that belong to no message
     */
    Stream(String name, Wire wire, long run, Listener listener, Duration pulse, LongAdder overhead) {
        this.wire = wire;
        this.run = run;
        this.listener = listener;
        this.pulse = pulse;
        this.overhead = overhead;
        writer = new Thread(this::write, name + "-writer");
        reader = new Thread(this::read, name + "-reader");
        writer.setDaemon(true);
        reader.setDaemon(true);
    }

    void start() {
        writer.start();
        reader.start();
    }

    /** Queues a frame without payload. */
    void send(Frame frame) {
        send(frame, NOTHING, () -> {});
    }

    /** Queues a frame. @param written told when its payload is on its way */
    void send(Frame frame, Region payload, Runnable written) {
        queue.add(new Outbound(frame, payload, written));
    }

    /** Writes what is queued and nothing more. */
    void finish() {
        send(Frame.goodbye());
    }

    /** Reads nothing more. */
    void endReading() {
        try {
            wire.endReading();
        } catch (IOException ended) {
            // Then there is nothing left to read.
        }
    }

    /** Waits until its reader has ended. */
    void awaitReader(long deadline) throws InterruptedException {
        await(reader, deadline);
    }

    /** Waits until it has ended on both sides, and ends it by force when that takes too long. */
    void close(long deadline) throws InterruptedException {
        await(writer, deadline);
        await(reader, deadline);
        closeWire();
        writer.join();
        reader.join();
    }

    private static void await(Thread thread, long deadline) throws InterruptedException {
        TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
    }

    private void write() {
        ByteBuffer header = ByteBuffer.allocateDirect(Frame.HEADER);
        try {
            Frame.Kind last = null;
            while (last != Frame.Kind.GOODBYE) {
                Outbound next = queue.poll(pulse.toNanos(), TimeUnit.NANOSECONDS);
                if (next == null) {
                    next = new Outbound(Frame.heartbeat(), NOTHING, () -> {});
                }
                last = next.frame().kind();
                if (last == Frame.Kind.DATA && listener.stopped()) {
                    continue;
                }
                next.frame().write(header.clear(), run);
                wire.write(header.flip(), next.payload().window(0, next.frame().payload()));
                overhead.add(Frame.HEADER
                        + (last == Frame.Kind.DATA ? 0 : next.frame().payload()));
                next.written().run();
            }
            wire.endWriting();
        } catch (IOException | RuntimeException failed) {
            listener.broken(this, false, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            oneDirectionLess();
        }
    }

    private void read() {
        ByteBuffer header = ByteBuffer.allocateDirect(Frame.HEADER);
        try {
            while (true) {
                if (!wire.readHeader(header.clear())) {
                    throw new IOException("its connection ended");
                }
                Frame frame = Frame.read(header.flip(), run);
                if (frame.kind() == Frame.Kind.GOODBYE) {
                    listener.ended(this);
                    return;
                }
                listener.arrived(this, frame, wire);
            }
        } catch (IOException | RuntimeException failed) {
            listener.broken(this, true, failed);
        } finally {
            oneDirectionLess();
        }
    }

    private void oneDirectionLess() {
        if (directions.decrementAndGet() == 0) {
            closeWire();
        }
    }

    private void closeWire() {
        try {
            wire.close();
        } catch (IOException closed) {
            // It is of no use any more, which is what was wanted.
        }
    }
}
