package io.longstrand.comm.tcp;

import io.longstrand.comm.DeviceGroups;
import io.longstrand.comm.World;
import io.longstrand.config.RunFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a rank joins: it listens ({@link #bind}), says where ({@link #address}), and when all ranks' addresses are known
 * connects to them ({@link #connect}), each to those below it. The port closes as soon as every rank is there.
 */
public final class TcpEndpoint implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final long BUSY_MILLIS = 50;

    private final ServerSocketChannel listening;
    private final PeerAddress address;
    private final TcpSettings settings;
    private final Handshake handshake;
    private Reception reception;

    private TcpEndpoint(ServerSocketChannel listening, PeerAddress address, TcpSettings settings) {
        this.listening = listening;
        this.address = address;
        this.settings = settings;
        handshake = new Handshake(settings.run(), settings.secret());
    }

    /**
     * Listens at a free port.
     *
     * @param host name or address of this machine that other ranks can reach
     * @throws RunFailure when this machine does not have that address
     */
    public static TcpEndpoint bind(String host, TcpSettings settings) {
        try {
            ServerSocketChannel listening = ServerSocketChannel.open();
            try {
                listening.bind(new InetSocketAddress(host, 0), BACKLOG);
                int port = ((InetSocketAddress) listening.getLocalAddress()).getPort();
                return new TcpEndpoint(listening, new PeerAddress(host, port), settings);
            } catch (IOException | RuntimeException failed) {
                listening.close();
                throw failed;
            }
        } catch (IOException | UnresolvedAddressException failed) {
            throw new RunFailure("cannot listen at " + host + ": " + failed, failed);
        }
    }

    /** Where this rank listens. */
    public PeerAddress address() {
        return address;
    }

    /** Connections that were dropped because no rank of this run stood behind them, or came too late. */
    public int refused() {
        return reception == null ? 0 : reception.refused();
    }

    /**
     * Connects to every other rank.
     *
     * @param rank this rank
     * @param addresses of all ranks, in their order
     * @throws RunFailure when a rank cannot be reached in time, or does not know the run's secret: names it
     */
    public World connect(int rank, List<PeerAddress> addresses) {
        return new World(join(rank, addresses), settings.operation());
    }

    /** As above, for ranks whose groups talk from device to device. @param devices opens the groups */
    public World connect(int rank, List<PeerAddress> addresses, DeviceGroups devices) {
        return new World(join(rank, addresses), settings.operation(), devices);
    }

    private TcpTransport join(int rank, List<PeerAddress> addresses) {
        long deadline = System.nanoTime() + settings.joining().toNanos();
        reception = new Reception(listening, handshake, settings, rank, addresses.size());
        Map<Integer, List<Wire>> wires = new TreeMap<>();
        try {
            reception.start();
            for (int peer = 0; peer < rank; peer++) {
                List<Wire> streams = new ArrayList<>();
                wires.put(peer, streams);
                for (int stream = 0; stream <= settings.streams(); stream++) {
                    Hello hello =
                            new Hello(rank, peer, addresses.size(), stream, settings.streams(), settings.encrypted());
                    streams.add(connect(hello, addresses.get(peer), deadline));
                }
            }
            wires.putAll(reception.await(deadline, addresses));
        } catch (RunFailure failed) {
            wires.values().forEach(streams -> streams.forEach(TcpEndpoint::drop));
            throw failed;
        } finally {
            close();
        }
        return new TcpTransport(rank, addresses, settings, wires);
    }

    /** Listens no more. */
    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException failed) {
            throw new RunFailure("cannot close the port at " + address + ": " + failed.getMessage(), failed);
        }
        if (reception != null) {
            reception.close();
        }
    }

    private Wire connect(Hello hello, PeerAddress to, long deadline) {
        while (true) {
            try {
                return connectOnce(hello, to, deadline);
            } catch (Handshake.Busy busy) {
                if (System.nanoTime() > deadline) {
                    throw unreachable(hello, to, busy);
                }
                pause(hello, to);
            } catch (IOException failed) {
                throw unreachable(hello, to, failed);
            }
        }
    }

    private Wire connectOnce(Hello hello, PeerAddress to, long deadline) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            Duration left = Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
            channel.socket().connect(new InetSocketAddress(to.host(), to.port()), (int) left.toMillis());
            return handshake.connect(channel, hello, left);
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    private static void pause(Hello hello, PeerAddress to) {
        try {
            Thread.sleep(BUSY_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw unreachable(hello, to, interrupted);
        }
    }

    private static RunFailure unreachable(Hello hello, PeerAddress to, Exception why) {
        return new RunFailure(
                "rank " + hello.from() + " cannot connect to rank " + hello.to() + " at " + to + ": "
                        + why.getMessage(),
                why);
    }

    private static void drop(Wire wire) {
        try {
            wire.close();
        } catch (IOException closed) {
            // It is of no use any more, which is what was wanted.
        }
    }
}
