package io.longstrand.comm.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.comm.Communicator;
import io.longstrand.comm.Crew;
import io.longstrand.comm.DirectMemory;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What encryption hides, and that nothing else changes. */
class EncryptionTest {
    private static final byte[] MARK = "ACGTTGCAACGTTGCA".getBytes(StandardCharsets.US_ASCII);

    @Test
    void every_operation_gives_the_same_bits_as_in_clear() {
        byte[] clear = allOperations(Joining.settings());
        byte[] encrypted = allOperations(Joining.settings().withEncryption());

        assertThat(encrypted).isEqualTo(clear);
    }

    @Test
    void what_travels_can_be_read_in_clear_and_not_when_encrypted() throws IOException {
        assertThat(travelling(Joining.settings())).contains("ACGTTGCAACGTTGCA");
        assertThat(travelling(Joining.settings().withEncryption())).doesNotContain("ACGT");
    }

    @Test
    void both_sides_must_want_it() {
        TcpSettings settings = Joining.settings();
        try (TcpEndpoint zero = TcpEndpoint.bind(Joining.HOST, settings);
                TcpEndpoint one = TcpEndpoint.bind(Joining.HOST, settings.withEncryption())) {
            List<PeerAddress> addresses = List.of(zero.address(), one.address());
            Joining.connect(zero, 0, addresses);

            assertThatThrownBy(() -> one.connect(1, addresses))
                    .hasMessageContaining("it refused the connection: another run, secret or configuration");
        }
    }

    @Test
    void a_key_belongs_to_one_purpose_one_pair_of_nonces_and_one_secret() {
        RunSecret secret = RunSecret.of(new byte[RunSecret.BYTES]);
        byte[] salt = {1, 2, 3};
        byte[] key = secret.derive(salt, "one way", new byte[] {7});

        assertThat(secret.derive(salt, "one way", new byte[] {7}))
                .isEqualTo(key)
                .hasSize(32);
        assertThat(secret.derive(salt, "other way", new byte[] {7})).isNotEqualTo(key);
        assertThat(secret.derive(new byte[] {1, 2, 4}, "one way", new byte[] {7}))
                .isNotEqualTo(key);
        assertThat(secret.derive(salt, "one way", new byte[] {8})).isNotEqualTo(key);
        assertThat(RunSecret.random().derive(salt, "one way", new byte[] {7})).isNotEqualTo(key);
        assertThatThrownBy(() -> RunSecret.of(new byte[31])).hasMessage("a run's secret has 32 bytes, not 31");
    }

    /** What rank 0 has after one operation of each kind. */
    private static byte[] allOperations(TcpSettings settings) {
        ByteArrayOutputStream results = new ByteArrayOutputStream();
        try (Crew crew = new Crew(Joining.join(2, settings))) {
            crew.run(world -> {
                Communicator all = world.all();
                Tensor whole = filled(900_001, world.rank());
                Tensor half = DirectMemory.tensor(DataType.FLOAT32, 450_001 - world.rank());
                all.allReduce(whole);
                all.reduceScatter(whole, half);
                all.allGather(half, whole);
                all.broadcast(1, whole);
                List<Tensor> parts = List.of(whole.columns(0, 1000), whole.columns(1000, 2000));
                all.allToAll(parts, List.of(whole.columns(5000, 6000), whole.columns(6000, 7000)));
                if (world.rank() == 0) {
                    all.receive(1, whole.columns(0, 3));
                    byte[] bytes = new byte[(int) whole.bytes()];
                    whole.hostBytes().get(bytes);
                    results.writeBytes(bytes);
                } else {
                    all.send(0, whole.columns(7, 10));
                }
            });
        }
        return results.toByteArray();
    }

    private static Tensor filled(long elements, int rank) {
        Tensor tensor = DirectMemory.tensor(DataType.FLOAT32, elements);
        ByteBuffer bytes = tensor.hostBytes();
        for (int element = 0; bytes.hasRemaining(); element++) {
            bytes.putFloat((float) Math.sin(element * 0.7 + rank));
        }
        return tensor;
    }

    private static String travelling(TcpSettings settings) throws IOException {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        Interceptor[] between = new Interceptor[1];
        try (Crew crew = new Crew(Joining.join(2, settings, (rank, addresses) -> {
            if (rank == 0) {
                return addresses;
            }
            between[0] = recording(addresses.get(0), seen);
            return List.of(between[0].address(), addresses.get(1));
        }))) {
            crew.run(world -> {
                Tensor tensor = DirectMemory.tensor(DataType.INT32, MARK.length / 4);
                tensor.hostBytes().put(MARK);
                world.all().broadcast(1, tensor);
            });
        } finally {
            between[0].close();
        }
        return seen.toString(StandardCharsets.ISO_8859_1);
    }

    private static Interceptor recording(PeerAddress target, ByteArrayOutputStream seen) {
        try {
            return new Interceptor(target, (connection, connecting, at, bytes) -> {
                seen.writeBytes(bytes);
                return bytes;
            });
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
