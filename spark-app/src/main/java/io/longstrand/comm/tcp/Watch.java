package io.longstrand.comm.tcp;

import io.longstrand.comm.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Notices ranks that are silent, and ends every transfer once communication has failed. */
final class Watch implements AutoCloseable {
    /** A rank that fails tells why on its control connection; another may end before that has been read. */
    private static final Duration DOUBT = Duration.ofMillis(500);

    private static final Duration READERS_END = Duration.ofSeconds(2);
    private static final Duration TICK = Duration.ofMillis(50);

    private record Suspicion(Peer peer, String why, long since) {}

    private final TcpTransport transport;
    private final List<Peer> peers;
    private final Duration silence;
    private final Queue<Suspicion> suspicions = new ConcurrentLinkedQueue<>();
    private final CountDownLatch failed = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean ended;

    Watch(String name, TcpTransport transport, List<Peer> peers, Duration silence) {
        this.transport = transport;
        this.peers = peers;
        this.silence = silence;
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        transport.failure().whenReported(first -> failed.countDown());
        thread.start();
    }

    /** One of a rank's connections broke: it is lost unless it says why. */
    void suspect(Peer peer, String why) {
        suspicions.add(new Suspicion(peer, why, System.nanoTime()));
    }

    /** Whether every transfer that was in progress at the failure has been ended. */
    boolean hasEnded() {
        return ended;
    }

    @Override
    public void close() {
        closed = true;
        failed.countDown();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            long last = System.nanoTime();
            while (!failed.await(TICK.toNanos(), TimeUnit.NANOSECONDS)) {
                long now = System.nanoTime();
                if (now - last > silence.toNanos() / 2) {
                    peers.forEach(Peer::hear); // This process stood still: what the others sent is still to be read.
                }
                last = now;
                judge(now);
            }
            if (!closed) {
                endTransfers();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void judge(long now) {
        for (Suspicion suspicion : suspicions) {
            if (now - suspicion.since() > DOUBT.toNanos()) {
                suspicions.remove(suspicion);
                if (!suspicion.peer().hasLeft()) {
                    transport.lost(suspicion.peer(), suspicion.why());
                }
            }
        }
        for (Peer peer : peers) {
            if (!peer.hasLeft() && peer.silentNanos() > silence.toNanos()) {
                transport.lost(peer, "no sign of life for " + silence.toMillis() / 1000.0 + " s");
            }
        }
    }

    private void endTransfers() throws InterruptedException {
        long deadline = System.nanoTime() + READERS_END.toNanos();
        for (Peer peer : peers) {
            for (Stream stream : peer.streams()) {
                if (!peer.isControl(stream)) {
                    stream.endReading();
                    stream.awaitReader(deadline);
                }
            }
        }
        ended = true;
        transport.failure().get().map(Failure::message).ifPresent(transport::endTransfers);
    }
}
