package io.longstrand.comm.tcp;

import io.longstrand.comm.DirectMemory;
import io.longstrand.comm.World;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How fast an all-reduce between two JVMs is beside a plain full-duplex copy of the same bytes between them in two
 * dependent phases (half the vector to the other side, then half of it back). Starts the second JVM itself; prints one
 * line a mode. Run it by hand: {@code java -cp <test class path> io.longstrand.comm.tcp.AllReduceBench [MiB] [streams]}.
 */
final class AllReduceBench {
    private static final int TURNS = 30;
    private static final int PIECE = 1 << 20;

    private AllReduceBench() {}

    public static void main(String[] arguments) throws Exception {
        int mebibytes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 64;
        int streams = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
        if (arguments.length > 2) {
            new AllReduceBench().second(mebibytes, streams);
        } else {
            new AllReduceBench().first(mebibytes, streams);
        }
    }

    private static TcpSettings settings(int streams, boolean encrypted) {
        byte[] secret = new byte[RunSecret.BYTES]; // Known to everybody: nothing here is worth hiding.
        TcpSettings plain = TcpSettings.of("bench", RunSecret.of(secret), Duration.ofMinutes(1))
                .withStreams(streams);
        return encrypted ? plain.withEncryption() : plain;
    }

    private void first(int mebibytes, int streams) throws Exception {
        Process other = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Xmx512m",
                        AllReduceBench.class.getName(),
                        "" + mebibytes,
                        "" + streams,
                        "second")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader theirs =
                new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8));
        var ours = other.outputWriter(StandardCharsets.UTF_8);
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress("127.0.0.1", 0));
            ours.write(((InetSocketAddress) server.getLocalAddress()).getPort() + "\n");
            ours.flush();
            double copy;
            try (SocketChannel channel = server.accept()) {
                copy = copies(channel, mebibytes);
            }
            for (boolean encrypted : new boolean[] {false, true}) {
                TcpEndpoint endpoint = TcpEndpoint.bind("127.0.0.1", settings(streams, encrypted));
                PeerAddress there = PeerAddress.parse(theirs.readLine());
                ours.write(endpoint.address() + "\n");
                ours.flush();
                double allReduce = allReduces(endpoint, 0, List.of(endpoint.address(), there), mebibytes);
                System.out.printf(
                        Locale.ROOT,
                        "MiB=%d streams=%d encrypted=%b allReduce=%.1f ms copy=%.1f ms allReduceToSocket=%.2f%n",
                        mebibytes,
                        streams,
                        encrypted,
                        allReduce * 1e3,
                        copy * 1e3,
                        copy / allReduce);
            }
        }
        other.waitFor();
    }

    private void second(int mebibytes, int streams) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int port = Integer.parseInt(in.readLine());
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port))) {
            copies(channel, mebibytes);
        }
        for (boolean encrypted : new boolean[] {false, true}) {
            TcpEndpoint endpoint = TcpEndpoint.bind("127.0.0.1", settings(streams, encrypted));
            System.out.println(endpoint.address());
            PeerAddress there = PeerAddress.parse(in.readLine());
            allReduces(endpoint, 1, List.of(there, endpoint.address()), mebibytes);
        }
    }

    /** Median seconds of an all-reduce. */
    private static double allReduces(TcpEndpoint endpoint, int rank, List<PeerAddress> addresses, int mebibytes) {
        Tensor tensor = DirectMemory.tensor(DataType.FLOAT32, (long) mebibytes << 18);
        double[] seconds = new double[TURNS];
        try (World world = endpoint.connect(rank, addresses)) {
            for (int turn = 0; turn < TURNS; turn++) {
                long began = System.nanoTime();
                world.all().allReduce(tensor);
                seconds[turn] = (System.nanoTime() - began) / 1e9;
            }
        }
        return median(seconds);
    }

    /** Median seconds of two phases in which both sides send and receive half of the bytes at once. */
    private static double copies(SocketChannel channel, int mebibytes) throws Exception {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        ByteBuffer out = ByteBuffer.allocateDirect(mebibytes << 20);
        ByteBuffer in = ByteBuffer.allocateDirect(mebibytes << 20);
        double[] seconds = new double[TURNS];
        for (int turn = 0; turn < TURNS; turn++) {
            long began = System.nanoTime();
            for (int phase = 0; phase < 2; phase++) {
                int from = phase * (out.capacity() / 2);
                Thread writer = new Thread(() -> write(channel, out.slice(from, out.capacity() / 2)));
                writer.start();
                read(channel, in.slice(from, in.capacity() / 2));
                writer.join();
            }
            seconds[turn] = (System.nanoTime() - began) / 1e9;
        }
        return median(seconds);
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) {
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

    private static void read(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new IOException("the other side is gone");
            }
        }
    }

    private static double median(double[] seconds) {
        Arrays.sort(seconds);
        return seconds[seconds.length / 2];
    }
}
