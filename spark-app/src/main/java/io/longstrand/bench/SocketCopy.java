package io.longstrand.bench;

import io.longstrand.comm.World;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * An all-reduce between two processes, and what a socket alone does with the same bytes: a full-duplex copy in two
 * dependent phases, half of the bytes each way and then the other half. Both ranks do the same in the same order.
 */
final class SocketCopy implements Closeable {
    private static final int PIECE = 1 << 20;
    private static final String LOOPBACK = "127.0.0.1";

    private final World world;
    private final Backend backend;
    private final Arena host;
    private final Tensor vector;
    private final Tensor arriving;
    private final SocketChannel channel;

    /**
     * Takes the memory and connects the two ranks.
     *
     * @param bytes of the vector, at most 2 GiB
     */
    SocketCopy(String backendName, World world, int bytes) throws IOException {
        this.world = world;
        backend = new Backends().open(backendName, new BackendProvider.Options(1));
        host = new Arena(backend, Place.HOST, 2L * bytes + Arena.ALIGNMENT);
        vector = host.allocate("benchmark", DataType.FLOAT32, 1, bytes / DataType.FLOAT32.bytes());
        arriving = host.allocate("benchmark", DataType.FLOAT32, 1, bytes / DataType.FLOAT32.bytes());
        channel = connected();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /** The first rank listens and tells the other where. */
    private SocketChannel connected() throws IOException {
        Tensor port = vector.columns(0, 1);
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            if (world.rank() == 0) {
                server.bind(new InetSocketAddress(LOOPBACK, 0));
                port.hostBytes().putFloat(0, ((InetSocketAddress) server.getLocalAddress()).getPort());
            }
            world.all().broadcast(0, port);
            int there = (int) port.hostBytes().getFloat(0);
            return world.rank() == 0 ? server.accept() : SocketChannel.open(new InetSocketAddress(LOOPBACK, there));
        }
    }

    /** Seconds of an all-reduce of the vector. */
    double allReduce() {
        long start = System.nanoTime();
        world.all().allReduce(vector);
        return (System.nanoTime() - start) * 1e-9;
    }

    /** Seconds of the copy. */
    double copy() throws IOException {
        ByteBuffer out = vector.hostBytes();
        ByteBuffer in = arriving.hostBytes();
        int half = out.capacity() / 2;
        long start = System.nanoTime();
        for (int phase = 0; phase < 2; phase++) {
            int from = phase * half;
            Thread writer = new Thread(() -> write(out.slice(from, half)), "socket-copy");
            writer.start();
            read(in.slice(from, half));
            join(writer);
        }
        return (System.nanoTime() - start) * 1e-9;
    }

    private void write(ByteBuffer bytes) {
        try {
            for (int at = 0; at < bytes.capacity(); at += PIECE) {
                ByteBuffer piece = bytes.slice(at, Math.min(PIECE, bytes.capacity() - at));
                while (piece.hasRemaining()) {
                    channel.write(piece);
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void read(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new IOException("the other rank is gone");
            }
        }
    }

    private static void join(Thread writer) {
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while copying", e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        host.close();
        backend.close();
    }
}
