package io.longstrand.bench.fault;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** A stranger on the machine who speaks to every port of a training as soon as it opens, in every wrong way. */
final class Intruder implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 200;
    private static final int GREETING = 48;
    private static final int GARBAGE = 100_000;

    /** A wrong way to speak. */
    enum Way {
        /** Random bytes. */
        GARBAGE,
        /** A length of 2 GiB, and nothing that would be so long. */
        OVERSIZED,
        /** What another port of a rank, or this one, said before. */
        REPLAYED,
        /** Nothing. */
        SILENT
    }

    private final TrainingProcess training;
    private final Sockets sockets = new Sockets();
    private final List<Socket> silent = new ArrayList<>();
    private final Map<Way, Integer> reached = new TreeMap<>();
    private final Map<ProcessHandle, Set<Integer>> known = new HashMap<>();
    private final Thread thread;
    private byte[] heard = new byte[GREETING];
    private volatile boolean over;

    Intruder(TrainingProcess training) {
        this.training = training;
        thread = new Thread(this::run, "longstrand-bench-intruder");
        thread.setDaemon(true);
        thread.start();
    }

    /** How many ports were spoken to in each way. */
    synchronized Map<Way, Integer> reached() {
        return new TreeMap<>(reached);
    }

    private void run() {
        while (!over) {
            List<ProcessHandle> processes = new ArrayList<>(training.executors());
            processes.add(training.process());
            for (ProcessHandle process : processes) {
                Set<Integer> before = known.computeIfAbsent(process, any -> new HashSet<>());
                for (int port : sockets.listening(process)) {
                    if (before.add(port)) {
                        for (Way way : Way.values()) {
                            speak(way, port);
                        }
                    }
                }
            }
            TrainingProcess.pause();
        }
    }

    private void speak(Way way, int port) {
        try {
            Socket socket = new Socket();
            silent.add(socket);
            socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
            synchronized (this) {
                reached.merge(way, 1, Integer::sum);
            }
            socket.setSoTimeout(TIMEOUT_MILLIS);
            switch (way) {
                case GARBAGE -> {
                    byte[] garbage = new byte[GARBAGE];
                    new Random(port).nextBytes(garbage);
                    socket.getOutputStream().write(garbage);
                }
                case OVERSIZED -> socket.getOutputStream().write(new byte[] {0x7f, -1, -1, -1, -1, -1, -1, -1});
                case REPLAYED -> {
                    socket.getOutputStream().write(heard);
                    byte[] said = socket.getInputStream().readNBytes(GREETING);
                    socket.getOutputStream().write(said);
                    heard = said;
                }
                case SILENT -> {}
            }
        } catch (IOException refused) {
            // Just as well.
        }
    }

    @Override
    public void close() {
        over = true;
        try {
            thread.join();
            for (Socket socket : silent) {
                socket.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException closed) {
            // It is of no use any more.
        }
    }
}
