package io.longstrand.bench.fault;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A stranger on the machine who speaks to every port of a training as soon as it opens, in every wrong way. */
final class Intruder implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 200;
    private static final int GARBAGE = 100_000;

    /** A rank greets when it knows all others' addresses; what does not is heard out in vain. */
    private static final int GREETING_MILLIS = 5000;

    /** How a rank's greeting begins. */
    private static final byte[] RANK = "LONGSTRAND".getBytes(StandardCharsets.US_ASCII);

    /** A wrong way to speak. */
    enum Way {
        /** Random bytes. */
        GARBAGE,
        /** A length of 2 GiB, and nothing that would be so long. */
        OVERSIZED,
        /** What the port itself said. */
        REFLECTED,
        /** What a rank said elsewhere, and was let in. */
        REPLAYED,
        /** Nothing. */
        SILENT
    }

    private final TrainingProcess training;
    private final byte[] handshake;
    private final Sockets sockets = new Sockets();
    private final List<Socket> open = Collections.synchronizedList(new ArrayList<>());
    private final Map<Way, Set<Integer>> ports = new TreeMap<>();
    private final Set<Integer> ranks = new HashSet<>();
    private final ExecutorService speakers = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "longstrand-bench-stranger");
        thread.setDaemon(true);
        return thread;
    });
    private final Thread thread;
    private final long began = System.nanoTime();
    private volatile boolean over;

    /** @param handshake that let a rank in elsewhere */
    Intruder(TrainingProcess training, byte[] handshake) {
        this.training = training;
        this.handshake = handshake.clone();
        thread = new Thread(this::run, "longstrand-bench-intruder");
        thread.setDaemon(true);
        thread.start();
    }

    /** How many ports were spoken to in a way. */
    synchronized int reached(Way way) {
        return ports.getOrDefault(way, Set.of()).size();
    }

    private synchronized void heardByRank(int port) {
        ranks.add(port);
    }

    /** At how many ports a rank greeted and heard a replayed handshake. */
    synchronized int ranks() {
        return ranks.size();
    }

    /** Since it came. */
    double seconds() {
        return (System.nanoTime() - began) * 1e-9;
    }

    private void run() {
        Map<ProcessHandle, Set<Integer>> known = new HashMap<>();
        while (!over) {
            List<ProcessHandle> processes = new ArrayList<>(training.executors());
            processes.add(training.process());
            for (ProcessHandle process : processes) {
                Set<Integer> before = known.computeIfAbsent(process, any -> new HashSet<>());
                for (int port : sockets.listening(process)) {
                    if (before.add(port)) {
                        Arrays.stream(Way.values()).forEach(way -> speakers.execute(() -> speak(way, port)));
                    }
                }
            }
            TrainingProcess.pause();
        }
    }

    private void speak(Way way, int port) {
        try {
            Socket socket = new Socket();
            open.add(socket);
            socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
            switch (way) {
                case GARBAGE -> {
                    byte[] garbage = new byte[GARBAGE];
                    new Random(port).nextBytes(garbage);
                    socket.getOutputStream().write(garbage);
                }
                case OVERSIZED -> socket.getOutputStream().write(new byte[] {0x7f, -1, -1, -1, -1, -1, -1, -1});
                case REFLECTED -> socket.getOutputStream().write(Replay.hear(socket, GREETING_MILLIS));
                case REPLAYED -> {
                    byte[] said = Replay.hear(socket, GREETING_MILLIS);
                    socket.getOutputStream().write(handshake);
                    if (Arrays.equals(said, 0, Math.min(said.length, RANK.length), RANK, 0, RANK.length)) {
                        heardByRank(port);
                    }
                }
                case SILENT -> {}
            }
            heard(way, port);
        } catch (IOException refused) {
            // Just as well.
        }
    }

    private synchronized void heard(Way way, int port) {
        ports.computeIfAbsent(way, any -> new HashSet<>()).add(port);
    }

    @Override
    public void close() {
        over = true;
        try {
            thread.join();
            speakers.shutdownNow();
            for (Socket socket : List.copyOf(open)) {
                socket.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException closed) {
            // It is of no use any more.
        }
    }
}
