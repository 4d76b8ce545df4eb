package io.longstrand.comm.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.comm.Crew;
import io.longstrand.comm.DirectMemory;
import io.longstrand.comm.World;
import io.longstrand.tensor.DataType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Whoever reaches a port without the run's secret neither joins nor disturbs. */
class TcpIntruderTest {
    private static final int HELLO = 16 + Hello.BYTES + 32 + 32;

    private interface Intrusion {
        void into(Socket socket) throws IOException;
    }

    @Test
    void garbage_is_dropped_and_counted_and_the_ranks_join() throws Exception {
        byte[] garbage = new byte[100_000];
        new Random(1).nextBytes(garbage);

        joinDespite(Joining.settings(), socket -> socket.getOutputStream().write(garbage));
    }

    @Test
    void a_request_of_another_protocol_is_dropped_and_counted_and_the_ranks_join() throws Exception {
        joinDespite(Joining.settings(), socket -> socket.getOutputStream()
                .write("GET / HTTP/1.1\r\n\r\n".repeat(30).getBytes()));
    }

    @Test
    void whoever_says_nothing_is_dropped_and_counted_and_keeps_nobody_waiting() throws Exception {
        long began = System.nanoTime();
        joinDespite(Joining.settings(), socket -> {});

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void a_replayed_handshake_is_dropped_and_counted_and_the_ranks_join() throws Exception {
        TcpSettings settings = Joining.settings();
        ByteArrayOutputStream recorded = new ByteArrayOutputStream();
        TcpEndpoint[] first = {TcpEndpoint.bind(Joining.HOST, settings), TcpEndpoint.bind(Joining.HOST, settings)};
        try (Interceptor interceptor = new Interceptor(first[0].address(), (connection, connecting, at, bytes) -> {
                    if (connection == 0 && connecting && at < HELLO) {
                        recorded.writeBytes(bytes);
                    }
                    return bytes;
                });
                Crew crew = new Crew(List.of(
                                Joining.connect(first[0], 0, List.of(first[0].address(), first[1].address())),
                                Joining.connect(first[1], 1, List.of(interceptor.address(), first[1].address())))
                        .stream()
                        .map(CompletableFuture::join)
                        .toList())) {
            sum(crew);
        }
        assertThat(recorded.size()).isGreaterThanOrEqualTo(HELLO);

        joinDespite(settings, socket -> socket.getOutputStream().write(recorded.toByteArray(), 0, HELLO));
    }

    @Test
    void an_authentic_rank_of_another_shape_of_the_run_is_dropped_and_counted() throws Exception {
        TcpSettings settings = Joining.settings();
        Handshake handshake = new Handshake(settings.run(), settings.secret());

        joinDespite(settings, socket -> {
            PeerAddress at = new PeerAddress(Joining.HOST, socket.getPort());
            try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(at.host(), at.port()))) {
                Hello ofThreeRanks = new Hello(1, 0, 3, 0, settings.streams(), false);
                assertThatThrownBy(() -> handshake.connect(channel, ofThreeRanks, Duration.ofSeconds(5)))
                        .hasMessage("it refused the connection: another run, secret or configuration");
            }
        });
    }

    @Test
    void another_secret_is_refused_and_the_waiting_rank_names_who_is_missing() {
        TcpSettings settings = Joining.settings().withJoining(Duration.ofMillis(700));
        TcpSettings other = Joining.settings();
        TcpEndpoint zero = TcpEndpoint.bind(Joining.HOST, settings);
        TcpEndpoint one = TcpEndpoint.bind(Joining.HOST, other);
        List<PeerAddress> addresses = List.of(zero.address(), one.address());
        CompletableFuture<World> waiting = Joining.connect(zero, 0, addresses);

        assertThatThrownBy(() -> one.connect(1, addresses))
                .hasMessage("rank 1 cannot connect to rank 0 at " + zero.address()
                        + ": it refused the connection: another run, secret or configuration");
        assertThatThrownBy(waiting::join)
                .hasMessageContaining(
                        "rank 0 at " + zero.address() + " waited 0.7 s for ranks that did not connect: 1 (");
    }

    @Test
    void whoever_listens_without_the_secret_in_place_of_a_rank_is_found_out() throws Exception {
        TcpSettings settings = Joining.settings();
        try (ServerSocket impostor = new ServerSocket(0);
                TcpEndpoint one = TcpEndpoint.bind(Joining.HOST, settings)) {
            Thread thread = new Thread(() -> {
                try (Socket socket = impostor.accept()) {
                    socket.getOutputStream().write("LONGSTRAND comm1".getBytes());
                    socket.getOutputStream().write(new byte[32]);
                    socket.getInputStream().readNBytes(HELLO);
                    socket.getOutputStream().write(new byte[32]);
                } catch (IOException closed) {
                    // The rank has turned away.
                }
            });
            thread.start();
            PeerAddress false0 = new PeerAddress(Joining.HOST, impostor.getLocalPort());

            assertThatThrownBy(() -> one.connect(1, List.of(false0, one.address())))
                    .hasMessage("rank 1 cannot connect to rank 0 at " + false0
                            + ": it does not know the secret of this run");
            thread.join();
        }
    }

    @Test
    void the_port_is_closed_as_soon_as_every_rank_is_there() {
        TcpSettings settings = Joining.settings();
        TcpEndpoint zero = TcpEndpoint.bind(Joining.HOST, settings);
        TcpEndpoint one = TcpEndpoint.bind(Joining.HOST, settings);
        List<PeerAddress> addresses = List.of(zero.address(), one.address());
        CompletableFuture<World> joining = Joining.connect(zero, 0, addresses);
        try (Crew crew = new Crew(List.of(one.connect(1, addresses), joining.join()))) {
            for (PeerAddress address : addresses) {
                assertThatThrownBy(() -> new Socket(address.host(), address.port()).close())
                        .isInstanceOf(ConnectException.class);
            }
            sum(crew);
        }
    }

    /** A rank waits for another; an intruder comes first. */
    private static void joinDespite(TcpSettings settings, Intrusion intrusion) throws Exception {
        TcpEndpoint zero = TcpEndpoint.bind(Joining.HOST, settings);
        TcpEndpoint one = TcpEndpoint.bind(Joining.HOST, settings);
        List<PeerAddress> addresses = List.of(zero.address(), one.address());
        CompletableFuture<World> waiting = Joining.connect(zero, 0, addresses);
        try (Socket intruder = new Socket(zero.address().host(), zero.address().port())) {
            intruder.getInputStream().readNBytes(48); // the greeting
            try {
                intrusion.into(intruder);
            } catch (IOException dropped) {
                // In the middle of it: just as well.
            }
            try (Crew crew = new Crew(List.of(one.connect(1, addresses), waiting.join()))) {
                sum(crew);
            }
            assertThat(zero.refused()).isPositive();
            assertThat(one.refused()).isZero();
        }
    }

    private static void sum(Crew crew) {
        crew.run(world -> world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, 1000)));
    }
}
