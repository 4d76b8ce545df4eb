package io.longstrand.bench.fault;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The TCP sockets of processes of this machine, from {@code /proc}. */
final class Sockets {
    private static final String LISTENING = "0A";
    private static final String ESTABLISHED = "01";

    /** One end of a connection, or a port that listens: its own port and the other end's. */
    record Socket(int port, int peer) {}

    /** Ports at which a process listens. */
    Set<Integer> listening(ProcessHandle process) {
        Set<Integer> ports = new HashSet<>();
        sockets(process, LISTENING).forEach(socket -> ports.add(socket.port()));
        return ports;
    }

    /** Connections between two processes, by the first one's ends. */
    Set<Socket> between(ProcessHandle one, ProcessHandle other) {
        Set<Integer> ports = new HashSet<>();
        sockets(other, ESTABLISHED).forEach(socket -> ports.add(socket.port()));
        Set<Socket> connections = new HashSet<>(sockets(one, ESTABLISHED));
        connections.removeIf(socket -> !ports.contains(socket.peer()));
        return connections;
    }

    /** Ends a connection in the middle of whatever it carries. */
    void cut(Socket connection) throws IOException, InterruptedException {
        new ProcessBuilder("ss", "-K", "sport", "=", ":" + connection.port(), "dport", "=", ":" + connection.peer())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Whether this process may end connections. */
    boolean canCut() throws InterruptedException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                java.net.Socket one = new java.net.Socket(server.getInetAddress(), server.getLocalPort())) {
            cut(new Socket(one.getLocalPort(), one.getPort()));
            return isOver(one);
        } catch (IOException noSuchProgram) {
            return false;
        }
    }

    private static boolean isOver(java.net.Socket connection) {
        try {
            connection.setSoTimeout(1000);
            return connection.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillThere) {
            return false;
        } catch (IOException cut) {
            return true;
        }
    }

    private static Set<Socket> sockets(ProcessHandle process, String state) {
        Set<String> inodes = inodes(process);
        Set<Socket> sockets = new HashSet<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            try (Stream<String> lines = Files.lines(Path.of(table))) {
                lines.skip(1)
                        .map(line -> line.strip().split("\\s+"))
                        .filter(fields -> fields[3].equals(state) && inodes.contains(fields[9]))
                        .forEach(fields -> sockets.add(new Socket(port(fields[1]), port(fields[2]))));
            } catch (IOException e) {
                // Without IPv6 there is one table.
            }
        }
        return sockets;
    }

    /** {@code socket:[12345]} among what a process has open; none when it has ended. */
    private static Set<String> inodes(ProcessHandle process) {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> files = Files.list(Path.of("/proc", "" + process.pid(), "fd"))) {
            files.forEach(file -> {
                try {
                    String target = Files.readSymbolicLink(file).toString();
                    if (target.startsWith("socket:[")) {
                        inodes.add(target.substring("socket:[".length(), target.length() - 1));
                    }
                } catch (IOException closed) {
                    // In the meantime.
                }
            });
        } catch (IOException ended) {
            inodes.clear();
        }
        return inodes;
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
    }
}
