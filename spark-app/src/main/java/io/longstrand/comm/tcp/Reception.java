package io.longstrand.comm.tcp;

import io.longstrand.config.RunFailure;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes the connections of ranks above this one and drops all others. Each is greeted by a thread of its own for a
 * limited time, and only so many at once: whoever says nothing, or nonsense, keeps nobody else waiting.
 */
final class Reception implements AutoCloseable {
    private static final Duration LONGEST_HANDSHAKE = Duration.ofSeconds(5);
    private static final int STRANGERS = 64;

    private record Place(int rank, int stream) {}

    private final ServerSocketChannel listening;
    private final Handshake handshake;
    private final TcpSettings settings;
    private final int rank;
    private final int world;
    private final Map<Place, Wire> taken = new HashMap<>();
    private final Map<Thread, SocketChannel> greeting = new ConcurrentHashMap<>();
    private final AtomicInteger refused = new AtomicInteger();
    private final Thread thread;
    private boolean over;

    Reception(ServerSocketChannel listening, Handshake handshake, TcpSettings settings, int rank, int world) {
        this.listening = listening;
        this.handshake = handshake;
        this.settings = settings;
        this.rank = rank;
        this.world = world;
        thread = new Thread(this::listen, "longstrand-comm-rank-" + rank + "-reception");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    int refused() {
        return refused.get();
    }

    /** Waits until every rank above this one has connected. @throws RunFailure that names those missing */
    synchronized Map<Integer, List<Wire>> await(long deadline, List<PeerAddress> addresses) {
        int expected = (world - 1 - rank) * (settings.streams() + 1);
        try {
            while (taken.size() < expected) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw missing(addresses);
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new RunFailure("rank " + rank + " was interrupted while it waited for others", interrupted);
        }
        Map<Integer, List<Wire>> wires = new TreeMap<>();
        for (int peer = rank + 1; peer < world; peer++) {
            List<Wire> streams = new ArrayList<>();
            for (int stream = 0; stream <= settings.streams(); stream++) {
                streams.add(taken.get(new Place(peer, stream)));
            }
            wires.put(peer, streams);
        }
        taken.clear();
        over = true;
        return wires;
    }

    @Override
    public void close() {
        try {
            thread.join();
            for (Map.Entry<Thread, SocketChannel> late : Map.copyOf(greeting).entrySet()) {
                drop(late.getValue());
                late.getKey().join();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            over = true;
            taken.values().forEach(Reception::drop);
            taken.clear();
        }
    }

    private RunFailure missing(List<PeerAddress> addresses) {
        List<String> names = new ArrayList<>();
        for (int peer = rank + 1; peer < world; peer++) {
            for (int stream = 0; stream <= settings.streams(); stream++) {
                if (!taken.containsKey(new Place(peer, stream))) {
                    names.add(peer + " (" + addresses.get(peer).host() + ")");
                    break;
                }
            }
        }
        return new RunFailure("rank " + rank + " at " + addresses.get(rank) + " waited "
                + settings.joining().toMillis() / 1000.0 + " s for ranks that did not connect: "
                + String.join(", ", names));
    }

    private void listen() {
        int most = STRANGERS + world * (settings.streams() + 1);
        while (listening.isOpen()) {
            try {
                SocketChannel channel = listening.accept();
                if (greeting.size() >= most) {
                    refuse(channel);
                    continue;
                }
                Thread greeter = new Thread(() -> greet(channel), thread.getName() + "-greeting");
                greeter.setDaemon(true);
                greeting.put(greeter, channel);
                greeter.start();
            } catch (IOException closed) {
                // Either the port is closed, which ends the loop, or a connection ended before it was taken.
            }
        }
    }

    private void greet(SocketChannel channel) {
        Duration patience =
                settings.joining().compareTo(LONGEST_HANDSHAKE) < 0 ? settings.joining() : LONGEST_HANDSHAKE;
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            Handshake.Accepted accepted = handshake.accept(channel, this::isExpected, patience);
            take(accepted);
        } catch (IOException stranger) {
            refuse(channel);
        } finally {
            greeting.remove(Thread.currentThread());
        }
    }

    private synchronized boolean isExpected(Hello hello) {
        return !over
                && hello.to() == rank
                && hello.from() > rank
                && hello.from() < world
                && hello.world() == world
                && hello.streams() == settings.streams()
                && hello.encrypted() == settings.encrypted()
                && hello.stream() >= 0
                && hello.stream() <= settings.streams()
                && !taken.containsKey(new Place(hello.from(), hello.stream()));
    }

    private synchronized void take(Handshake.Accepted accepted) throws IOException {
        Place place = new Place(accepted.hello().from(), accepted.hello().stream());
        if (over || taken.putIfAbsent(place, accepted.wire()) != null) {
            throw new IOException("not expected: " + accepted.hello());
        }
        greeting.remove(Thread.currentThread()); // It is no stranger's any more, and stays when the port closes.
        notifyAll();
    }

    private void refuse(SocketChannel channel) {
        refused.incrementAndGet();
        drop(channel);
    }

    private static void drop(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException closed) {
            // It is of no use any more, which is what was wanted.
        }
    }

    private static void drop(Wire wire) {
        try {
            wire.close();
        } catch (IOException closed) {
            // It is of no use any more, which is what was wanted.
        }
    }
}
