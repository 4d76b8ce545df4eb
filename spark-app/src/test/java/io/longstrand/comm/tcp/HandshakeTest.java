package io.longstrand.comm.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** Both sides know the secret; what is changed between them keeps them apart. */
class HandshakeTest {
    private static final int GREETING = 16 + 32;
    private static final int ANSWER = 16 + Hello.BYTES + 32 + 32;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Handshake handshake = new Handshake("run", RunSecret.random());

    @Test
    void sides_that_share_run_and_secret_meet_and_the_listening_one_learns_who_connects() throws Exception {
        Outcome outcome = meet(handshake, (connection, connecting, at, bytes) -> bytes);

        assertThat(outcome.connecting()).isNull();
        assertThat(outcome.listening()).isNull();
        assertThat(outcome.hello()).isEqualTo(new Hello(1, 0, 2, 0, 2, false));
    }

    @Test
    void the_name_of_the_run_is_part_of_the_proof() throws Exception {
        RunSecret secret = RunSecret.random();

        Outcome outcome = meet(
                new Handshake("run", secret),
                new Handshake("run2", secret),
                (connection, connecting, at, bytes) -> bytes);

        assertThat(outcome.connecting()).isNotNull();
        assertThat(outcome.listening()).hasMessage("a stranger");
    }

    @Test
    void a_change_to_any_byte_the_connecting_side_sends_is_noticed_by_the_listening_side() throws Exception {
        for (int changed = 0; changed < ANSWER; changed++) {
            Outcome outcome = meet(handshake, changing(true, changed));

            assertThat(outcome.listening()).as("byte %s", changed).hasMessage("a stranger");
            assertThat(outcome.connecting()).isNotNull();
        }
    }

    @Test
    void a_change_to_any_byte_the_listening_side_sends_keeps_the_connecting_side_away() throws Exception {
        for (int changed = 0; changed < GREETING + RunSecret.BYTES; changed++) {
            Outcome outcome = meet(handshake, changing(false, changed));

            assertThat(outcome.connecting()).as("byte %s", changed).isNotNull();
        }
    }

    private static Interceptor.Tap changing(boolean side, int place) {
        return (connection, connecting, at, bytes) -> {
            if (connecting == side && at <= place && place < at + bytes.length) {
                bytes[(int) (place - at)] ^= 4;
            }
            return bytes;
        };
    }

    private record Outcome(Throwable connecting, Throwable listening, Hello hello) {}

    private static Outcome meet(Handshake both, Interceptor.Tap tap) throws Exception {
        return meet(both, both, tap);
    }

    private static Outcome meet(Handshake connects, Handshake listens, Interceptor.Tap tap) throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(Joining.HOST, 0))) {
            int port = server.socket().getLocalPort();
            CompletableFuture<Hello> accepted = new CompletableFuture<>();
            Thread listening = new Thread(() -> {
                try (SocketChannel channel = server.accept()) {
                    accepted.complete(
                            listens.accept(channel, hello -> true, PATIENCE).hello());
                } catch (IOException failed) {
                    accepted.completeExceptionally(failed);
                }
            });
            listening.start();
            try (Interceptor between = new Interceptor(new PeerAddress(Joining.HOST, port), tap);
                    SocketChannel channel = SocketChannel.open(new InetSocketAddress(
                            Joining.HOST, between.address().port()))) {
                Throwable failure =
                        catchThrowable(() -> connects.connect(channel, new Hello(1, 0, 2, 0, 2, false), PATIENCE));
                channel.close();
                return new Outcome(
                        failure,
                        failure(accepted),
                        accepted.exceptionally(none -> null).join());
            } finally {
                listening.join();
            }
        }
    }

    private static Throwable failure(CompletableFuture<Hello> accepted) throws InterruptedException {
        try {
            accepted.get();
            return null;
        } catch (ExecutionException failed) {
            return failed.getCause();
        }
    }
}
