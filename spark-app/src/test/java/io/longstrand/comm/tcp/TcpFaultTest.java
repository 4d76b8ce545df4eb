package io.longstrand.comm.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.comm.Crew;
import io.longstrand.comm.DirectMemory;
import io.longstrand.comm.Pending;
import io.longstrand.comm.World;
import io.longstrand.tensor.DataType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A rank that is lost, or does not keep to the protocol, ends the run on every rank with a message that names it. */
class TcpFaultTest {
    private static final long LARGE = 4_000_000;
    private static final Duration SHORT = Duration.ofMillis(800);

    private List<String> failuresBehind(Interceptor.Tap tap, TcpSettings settings) throws IOException {
        List<Interceptor> between = new ArrayList<>();
        try (Crew crew = new Crew(Joining.join(3, settings, (rank, addresses) -> {
            if (rank != 2) {
                return addresses;
            }
            List<PeerAddress> seen = new ArrayList<>(addresses);
            seen.set(0, intercept(between, addresses.get(0), tap));
            return seen;
        }))) {
            return crew.failures(world -> {
                for (int turn = 0; turn < 50; turn++) {
                    world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, LARGE / 10));
                }
            });
        } finally {
            for (Interceptor one : between) {
                one.close();
            }
        }
    }

    private static PeerAddress intercept(List<Interceptor> between, PeerAddress target, Interceptor.Tap tap) {
        try {
            Interceptor interceptor = new Interceptor(target, tap);
            between.add(interceptor);
            return interceptor.address();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @ParameterizedTest(name = "connection {0}, behind {1} bytes")
    @CsvSource({"1, 300000", "0, 2000"})
    void a_data_connection_cut_in_the_middle_of_a_frame_or_a_control_connection_that_ends_fails_every_rank(
            int cut, long behind) throws IOException {
        List<String> failures = failuresBehind(
                (connection, connecting, at, bytes) -> connection == cut && at > behind ? null : bytes,
                Joining.settings());

        assertThat(failures)
                .allSatisfy(
                        message -> assertThat(message)
                                .matches(
                                        "communication failed at rank [02] \\(127.0.0.1\\), (all-reduce \\d+ of group world|between operations): .+"));
    }

    @Test
    void a_byte_changed_on_its_way_is_noticed_when_encrypted() throws IOException {
        List<String> failures = failuresBehind(
                (connection, connecting, at, bytes) -> {
                    if (connection == 1 && at > 300_000) {
                        bytes[bytes.length / 2] ^= 1;
                    }
                    return bytes;
                },
                Joining.settings().withEncryption());

        assertThat(failures).allSatisfy(message -> assertThat(message)
                .matches("communication failed at rank [02] .+: what arrived is not what was sent"));
    }

    @Test
    void a_frozen_rank_fails_every_rank_when_it_has_been_silent_for_too_long() throws IOException {
        List<Interceptor> between = new ArrayList<>();
        TcpSettings settings = Joining.settings().withSilence(SHORT);
        long began = System.nanoTime();
        try (Crew crew = new Crew(Joining.join(3, settings, (rank, addresses) -> {
            List<PeerAddress> seen = new ArrayList<>(addresses);
            for (int lower = 0; lower < rank && rank == 2; lower++) {
                seen.set(lower, intercept(between, addresses.get(lower), (connection, connecting, at, bytes) -> bytes));
            }
            return seen;
        }))) {
            List<String> failures = crew.failures(world -> {
                world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, LARGE));
                if (world.rank() == 2) {
                    between.forEach(Interceptor::hold);
                }
                world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, LARGE));
                world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, LARGE));
            });

            assertThat(failures.subList(0, 2)).allSatisfy(message -> assertThat(message)
                    .matches("communication failed at rank 2 \\(127.0.0.1\\), all-reduce [012] of group world: "
                            + "no sign of life for 0.8 s"));
            assertThat(failures.get(2)).contains("no sign of life for 0.8 s");
        } finally {
            for (Interceptor one : between) {
                one.close();
            }
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void a_rank_lost_between_operations_fails_the_next_one_and_says_so() throws Exception {
        List<Interceptor> between = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(2);
        CountDownLatch cut = new CountDownLatch(1);
        try (Crew crew = new Crew(Joining.join(
                2,
                Joining.settings(),
                (rank, addresses) -> rank == 0
                        ? addresses
                        : List.of(
                                intercept(between, addresses.get(0), (connection, connecting, at, bytes) -> bytes),
                                addresses.get(1))))) {
            List<String> failures = crew.failures(world -> {
                world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, 10));
                done.countDown();
                if (world.rank() == 0) {
                    done.await();
                    between.get(0).close();
                    cut.countDown();
                }
                cut.await();
                Thread.sleep(1000);
                world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, 10));
            });

            assertThat(failures).allSatisfy(message -> assertThat(message)
                    .matches("communication failed at rank [01] \\(127.0.0.1\\), between operations: .+"));
        }
    }

    @Test
    void a_frame_of_an_impossible_length_is_refused_before_anything_is_allocated() throws Exception {
        ByteBuffer frame = ByteBuffer.allocate(Frame.HEADER);
        TcpSettings settings = Joining.settings();
        new Frame(Frame.Kind.FAILURE, Frame.heartbeat().key(), Frame.heartbeat().work(), 0, 1L << 40, 0, 1L << 40)
                .write(frame, settings.runDigest());

        assertThat(failureAfter(settings, frame))
                .isEqualTo("communication failed at rank 1 (127.0.0.1), all-reduce 0 of group world: "
                        + "it sent a frame of 1099511627776 bytes at 0 of 1099511627776 where 8192 are possible");
    }

    @Test
    void what_is_no_frame_of_the_run_is_refused() throws Exception {
        ByteBuffer frame = ByteBuffer.allocate(Frame.HEADER);
        TcpSettings settings = Joining.settings();
        Frame.heartbeat().write(frame, settings.runDigest() + 1);

        assertThat(failureAfter(settings, frame))
                .isEqualTo("communication failed at rank 1 (127.0.0.1), all-reduce 0 of group world: "
                        + "it sent what is no frame of this run");
    }

    /** What rank 0 says when rank 1, which knows the secret, writes such a frame. */
    private static String failureAfter(TcpSettings settings, ByteBuffer frame) throws Exception {
        TcpEndpoint zero = TcpEndpoint.bind(Joining.HOST, settings);
        List<PeerAddress> addresses = List.of(zero.address(), new PeerAddress(Joining.HOST, 1));
        CompletableFuture<World> waiting = Joining.connect(zero, 0, addresses);
        Handshake handshake = new Handshake(settings.run(), settings.secret());
        List<Wire> wires = new ArrayList<>();
        for (int stream = 0; stream <= settings.streams(); stream++) {
            SocketChannel channel = SocketChannel.open(
                    new InetSocketAddress(zero.address().host(), zero.address().port()));
            Hello hello = new Hello(1, 0, 2, stream, settings.streams(), settings.encrypted());
            wires.add(handshake.connect(channel, hello, Duration.ofSeconds(5)));
        }
        try (World world = waiting.join()) {
            Pending pending = world.all().startAllReduce(DirectMemory.tensor(DataType.FLOAT32, 10));
            Thread.sleep(50);
            wires.get(0).write(frame.flip(), ByteBuffer.allocate(0));
            Throwable failure = Assertions.catchThrowable(pending::await);
            return failure.getMessage();
        } finally {
            for (Wire wire : wires) {
                wire.close();
            }
        }
    }
}
