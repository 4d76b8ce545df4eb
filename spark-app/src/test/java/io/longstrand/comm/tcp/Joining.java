package io.longstrand.comm.tcp;

import io.longstrand.comm.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** Ranks of one process that reach each other over loopback as ranks of several would. */
final class Joining {
    static final String HOST = "127.0.0.1";
    static final Duration PLENTY = Duration.ofSeconds(20);

    private Joining() {}

    static TcpSettings settings() {
        return TcpSettings.of("run-17", RunSecret.random(), PLENTY);
    }

    /** All ranks of a world. */
    static List<World> join(int ranks, TcpSettings settings) {
        return join(ranks, settings, (rank, addresses) -> addresses);
    }

    /** All ranks of a world. @param seen the addresses as a rank sees them */
    static List<World> join(
            int ranks, TcpSettings settings, BiFunction<Integer, List<PeerAddress>, List<PeerAddress>> seen) {
        List<TcpEndpoint> endpoints = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            endpoints.add(TcpEndpoint.bind(HOST, settings));
        }
        List<PeerAddress> addresses =
                endpoints.stream().map(TcpEndpoint::address).toList();
        List<CompletableFuture<World>> joining = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            joining.add(connect(endpoints.get(rank), rank, seen.apply(rank, addresses)));
        }
        return joining.stream().map(CompletableFuture::join).toList();
    }

    /** One rank, while others go on. */
    static CompletableFuture<World> connect(TcpEndpoint endpoint, int rank, List<PeerAddress> addresses) {
        CompletableFuture<World> joined = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                joined.complete(endpoint.connect(rank, addresses));
            } catch (RuntimeException failed) {
                joined.completeExceptionally(failed);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return joined;
    }
}
