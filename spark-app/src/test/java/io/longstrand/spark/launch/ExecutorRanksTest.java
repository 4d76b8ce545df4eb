package io.longstrand.spark.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.comm.DirectMemory;
import io.longstrand.comm.World;
import io.longstrand.comm.tcp.Interceptor;
import io.longstrand.comm.tcp.PeerAddress;
import io.longstrand.comm.tcp.RunSecret;
import io.longstrand.comm.tcp.TcpEndpoint;
import io.longstrand.comm.tcp.TcpSettings;
import io.longstrand.config.CommSection.Encryption;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ranks in executor processes of their own that add up over TCP, and what becomes of them when one fails. */
class ExecutorRanksTest {
    private static final int ELEMENTS = 1000;

    private static ExecutorJvms executors;

    @BeforeAll
    static void start() throws IOException {
        executors = ExecutorJvms.start(2);
    }

    @AfterAll
    static void stop() {
        executors.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Encryption.class,
            names = {"AUTO", "ON"})
    void ranks_add_up_from_process_to_process(Encryption encryption) {
        List<String> results = executors
                .launcher(encryption)
                .launch(
                        2,
                        place -> sum(place) + " in " + ProcessHandle.current().pid(),
                        new Unheard());

        assertThat(results).allMatch(result -> result.startsWith("3.0 in "));
        assertThat(new HashSet<>(results)).hasSize(2);
    }

    @Test
    void a_killed_executor_is_told_within_seconds_and_replaced() {
        long began = System.nanoTime();

        assertThatThrownBy(
                        () -> executors.launcher().launch(2, place -> signalInTheMiddle(place, "KILL"), new Unheard()))
                .isInstanceOf(RunFailure.class)
                .message()
                .matches("rank 1 of 2 on 127.0.0.1 was lost with executor \\d+: .*; rank 0 of 2 on 127.0.0.1:"
                        + " communication failed at rank 1 \\(127.0.0.1\\), .*");

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
        assertThat(executors.launcher().launch(2, ExecutorRanksTest::sum, new Unheard()))
                .containsExactly(3f, 3f);
    }

    @Test
    void a_frozen_executor_is_told_after_its_silence_and_replaced(@TempDir Path directory) throws Exception {
        String pid = directory.resolve("pid").toString();

        assertThatThrownBy(() -> executors
                        .launcher()
                        .launch(
                                2,
                                place -> {
                                    if (place.rank() == 1) {
                                        Files.writeString(
                                                Path.of(pid),
                                                "" + ProcessHandle.current().pid());
                                    }
                                    return signalInTheMiddle(place, "STOP");
                                },
                                new Unheard()))
                .isInstanceOf(RunFailure.class)
                .message()
                .matches("rank 0 of 2 on 127.0.0.1: communication failed at rank 1 \\(127.0.0.1\\), .*:"
                        + " no sign of life for 10.0 s");

        Instant frozen = Files.getLastModifiedTime(Path.of(pid)).toInstant();
        assertThat(Duration.between(frozen, Instant.now())).isLessThan(Duration.ofSeconds(20));
        assertThat(executors.launcher().launch(2, ExecutorRanksTest::sum, new Unheard()))
                .containsExactly(3f, 3f);
        assertThat(ProcessHandle.of(Long.parseLong(Files.readString(Path.of(pid)))))
                .isEmpty();
    }

    @Test
    void a_connection_cut_in_the_middle_of_a_frame_is_told_at_once() {
        byte[] secret = RunSecret.random().bytes();
        long began = System.nanoTime();

        assertThatThrownBy(() -> executors.launcher().launch(2, place -> addUpUntilCut(place, secret), new Unheard()))
                .isInstanceOf(RunFailure.class)
                .message()
                .matches("rank [01] of 2 on 127.0.0.1: communication failed at rank [01] \\(127.0.0.1\\),"
                        + " (all-reduce \\d+ of group world|between operations): .*");

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void ranks_with_different_configurations_are_refused_naming_both() {
        assertThatThrownBy(() -> executors.launcher().launch(2, new OwnSettings(), new Unheard()))
                .isInstanceOf(UserError.class)
                .message()
                .matches("rank 1 \\(127.0.0.1\\) has another configuration than rank 0 \\(127.0.0.1\\) .*");
    }

    /** Every rank goes by settings of its own. */
    private static final class OwnSettings implements RankWork<Float> {
        private static final long serialVersionUID = 1L;

        @Override
        public Float run(RankPlace place) {
            return sum(place);
        }

        @Override
        public String settings() {
            return "of process " + ProcessHandle.current().pid();
        }
    }

    /** What all ranks together have; rank r brings r + 1. */
    private static float sum(RankPlace place) {
        Tensor tensor = DirectMemory.tensor(DataType.FLOAT32, ELEMENTS);
        tensor.hostBytes().asFloatBuffer().put(0, place.rank() + 1f);
        place.world().all().allReduce(tensor);
        return tensor.hostBytes().asFloatBuffer().get(0);
    }

    /** Adds up over connections of its own; those of rank 1 end in the middle of what it sends. */
    private static Integer addUpUntilCut(RankPlace place, byte[] secret) throws IOException {
        TcpSettings settings = TcpSettings.of("through another", RunSecret.of(secret), Duration.ofMinutes(1));
        try (TcpEndpoint endpoint = TcpEndpoint.bind("127.0.0.1", settings)) {
            List<PeerAddress> addresses = new ArrayList<>();
            for (String address :
                    BarrierTaskContext.get().allGather(endpoint.address().toString())) {
                addresses.add(PeerAddress.parse(address));
            }
            try (Interceptor between = new Interceptor(addresses.get(0), ExecutorRanksTest::cut)) {
                addresses.set(0, place.rank() == 1 ? between.address() : addresses.get(0));
                try (World world = endpoint.connect(place.rank(), addresses)) {
                    while (true) {
                        world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, 1_000_000));
                    }
                }
            }
        }
    }

    private static byte[] cut(int connection, boolean connecting, long at, byte[] bytes) {
        return connection > 0 && at > 300_000 ? null : bytes;
    }

    /** Adds up for ever, until rank 1 gets a signal after some operations. */
    private static Integer signalInTheMiddle(RankPlace place, String signal) throws IOException {
        Tensor tensor = DirectMemory.tensor(DataType.FLOAT32, 1_000_000);
        World world = place.world();
        for (int operation = 0; ; operation++) {
            if (place.rank() == 1 && operation == 5) {
                new ProcessBuilder(
                                "kill",
                                "-" + signal,
                                "" + ProcessHandle.current().pid())
                        .start();
            }
            world.all().allReduce(tensor);
        }
    }
}
