package io.longstrand.comm.tcp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between two ranks: passes on what they send, and can record, change, hold back or cut it. */
public final class Interceptor implements AutoCloseable {
    private static final int CHUNK = 8192;

    /** What happens to bytes on their way. */
    @FunctionalInterface
    public interface Tap {
        /**
         * Deals with some bytes.
         *
         * @param connection counts connections from 0
         * @param connecting whether the connecting side sent them
         * @param at bytes that went before, in this direction
         * @return what is passed on, or null to cut the connection
         */
        byte[] pass(int connection, boolean connecting, long at, byte[] bytes);
    }

    private final ServerSocket server;
    private final PeerAddress target;
    private final Tap tap;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean holding;

    /** @param target where the one that is connected to listens */
    public Interceptor(PeerAddress target, Tap tap) throws IOException {
        this.target = target;
        this.tap = tap;
        server = new ServerSocket(0, 50, InetAddress.getByName(Joining.HOST));
        daemon(this::accept);
    }

    /** Where the connecting one is to connect. */
    public PeerAddress address() {
        return new PeerAddress(Joining.HOST, server.getLocalPort());
    }

    /** Passes nothing on from now on, and keeps all connections. */
    void hold() {
        holding = true;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket from = server.accept();
                Socket to = new Socket(target.host(), target.port());
                from.setTcpNoDelay(true);
                to.setTcpNoDelay(true);
                sockets.addAll(List.of(from, to));
                int connection = connections.getAndIncrement();
                daemon(() -> forward(connection, true, from, to));
                daemon(() -> forward(connection, false, to, from));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void forward(int connection, boolean connecting, Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] chunk = new byte[CHUNK];
            long at = 0;
            while (true) {
                int got = in.read(chunk);
                while (holding) {
                    Thread.sleep(20);
                }
                byte[] passed = got < 0 ? null : tap.pass(connection, connecting, at, Arrays.copyOf(chunk, got));
                if (got < 0) {
                    to.shutdownOutput();
                    return;
                }
                if (passed == null) {
                    from.close();
                    to.close();
                    return;
                }
                out.write(passed);
                at += got;
            }
        } catch (IOException | InterruptedException ended) {
            // One of the ranks, or the test, has closed it.
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "interceptor");
        thread.setDaemon(true);
        thread.start();
    }
}
