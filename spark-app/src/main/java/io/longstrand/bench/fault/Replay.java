package io.longstrand.bench.fault;

import io.longstrand.bench.JavaCommand;
import io.longstrand.comm.tcp.PeerAddress;
import io.longstrand.comm.tcp.RunSecret;
import io.longstrand.config.RunFailure;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Two ranks, each a process, join through somebody in between who records the handshake of their first connection and says
 * the same at the ports of both while these still wait for the others.
 */
final class Replay {
    private static final int QUIET_MILLIS = 200;
    private static final int PATIENCE_MILLIS = 20_000;
    private static final List<String> SMALL = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m");

    private final List<String> wrong = new ArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private byte[] handshake = {};

    /** What the connecting rank said that was let in. */
    byte[] handshake() {
        return handshake.clone();
    }

    /** Starts the ranks and lets them join. @return what was not as it should be */
    List<String> run() throws IOException, InterruptedException {
        Process zero = start();
        Process one = start();
        try (BufferedReader ofZero = zero.inputReader(StandardCharsets.UTF_8);
                BufferedReader ofOne = one.inputReader(StandardCharsets.UTF_8);
                ServerSocket between = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            String secret = HexFormat.of().formatHex(RunSecret.random().bytes());
            say(zero, "0\n" + secret);
            say(one, "1\n" + secret);
            PeerAddress addressOfZero = address(ofZero);
            PeerAddress addressOfOne = address(ofOne);
            PeerAddress inItsPlace = new PeerAddress("127.0.0.1", between.getLocalPort());
            between.setSoTimeout(PATIENCE_MILLIS);
            say(zero, addressOfZero + " " + addressOfOne);
            say(one, inItsPlace + " " + addressOfOne);
            record(between.accept(), addressOfZero);
            replay(0, addressOfZero);
            replay(1, addressOfOne);
            Thread others = daemon(() -> passAll(between, addressOfZero));
            requireJoined(0, ofZero.readLine());
            requireJoined(1, ofOne.readLine());
            between.close();
            others.join();
        } finally {
            zero.destroyForcibly().waitFor();
            one.destroyForcibly().waitFor();
            for (Socket socket : open) {
                socket.close();
            }
        }
        return wrong;
    }

    private static Process start() throws IOException {
        return new ProcessBuilder(JavaCommand.ofAnySize().with(SMALL).running(JoiningRank.class.getName(), List.of()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void say(Process rank, String lines) throws IOException {
        rank.getOutputStream().write((lines + "\n").getBytes(StandardCharsets.UTF_8));
        rank.getOutputStream().flush();
    }

    private static PeerAddress address(BufferedReader rank) throws IOException {
        String line = rank.readLine();
        if (line == null) {
            throw new RunFailure("a rank whose handshake was to be recorded ended before it listened");
        }
        return PeerAddress.parse(line);
    }

    /** Passes a handshake on, keeps what the connecting side said, then passes everything on. */
    private void record(Socket connecting, PeerAddress to) throws IOException {
        Socket listening = new Socket(to.host(), to.port());
        connecting.getOutputStream().write(hear(listening));
        handshake = hear(connecting);
        listening.getOutputStream().write(handshake);
        byte[] answer = hear(listening);
        connecting.getOutputStream().write(answer);
        if (handshake.length == 0 || answer.length == 0) {
            wrong.add("the ranks' own handshake was not let in");
        }
        pass(connecting, listening);
    }

    /** Says what was said, to another greeting. */
    private void replay(int rank, PeerAddress to) throws IOException {
        try (Socket stranger = new Socket(to.host(), to.port())) {
            if (hear(stranger).length == 0) {
                wrong.add("rank " + rank + " listened no more");
            }
            stranger.getOutputStream().write(handshake);
            if (hear(stranger).length > 0) {
                wrong.add("rank " + rank + " let a replayed handshake in");
            }
        }
    }

    private void requireJoined(int rank, String said) {
        String expected = "2.0 1";
        if (!expected.equals(said)) {
            wrong.add("rank " + rank + " had a sum and a number of strangers of " + said + ", not " + expected);
        }
    }

    /** Everything until the other side is silent, or has closed the connection. */
    private static byte[] hear(Socket socket) throws IOException {
        return hear(socket, QUIET_MILLIS);
    }

    /** The same where the other side may take its time until it begins. */
    static byte[] hear(Socket socket, int patienceMillis) throws IOException {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        socket.setSoTimeout(patienceMillis);
        InputStream in = socket.getInputStream();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                heard.write(next);
                socket.setSoTimeout(QUIET_MILLIS);
            }
        } catch (SocketTimeoutException silent) {
            socket.setSoTimeout(0);
        }
        return heard.toByteArray();
    }

    private void passAll(ServerSocket between, PeerAddress to) {
        try {
            while (true) {
                pass(between.accept(), new Socket(to.host(), to.port()));
            }
        } catch (IOException closed) {
            // All ranks are there.
        }
    }

    private void pass(Socket connecting, Socket listening) {
        open.addAll(List.of(connecting, listening));
        daemon(() -> pour(connecting, listening));
        daemon(() -> pour(listening, connecting));
    }

    private static void pour(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException ended) {
            // By one of the ranks, or because they are done.
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "longstrand-bench-between");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
