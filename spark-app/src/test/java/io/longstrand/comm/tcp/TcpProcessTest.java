package io.longstrand.comm.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.comm.World;
import io.longstrand.config.RunFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A rank in another process that is killed or stopped in the middle of the work. */
class TcpProcessTest {
    private static final int SOME = 5;

    @Test
    void a_killed_process_fails_the_other_rank_at_once() throws Exception {
        Duration took = signal("KILL", Duration.ofSeconds(10), "(its connection ended.*|Connection reset|Broken pipe)");

        assertThat(took).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void a_stopped_process_fails_the_other_rank_when_it_has_been_silent_for_too_long() throws Exception {
        Duration took = signal("STOP", Duration.ofMillis(900), "no sign of life for 0.9 s");

        assertThat(took).isBetween(Duration.ofMillis(700), Duration.ofSeconds(8));
    }

    /** Rank 1 gets a signal after some operations. @return how long rank 0 took to notice */
    private static Duration signal(String name, Duration silence, String reason) throws Exception {
        TcpSettings settings = Joining.settings().withSilence(silence);
        Process process = RankProcess.start(settings);
        try (TcpEndpoint endpoint = TcpEndpoint.bind(Joining.HOST, settings);
                BufferedReader theirs = process.inputReader(StandardCharsets.UTF_8);
                Writer ours = process.outputWriter(StandardCharsets.UTF_8)) {
            List<PeerAddress> addresses = List.of(endpoint.address(), PeerAddress.parse(theirs.readLine()));
            CompletableFuture<World> joining = Joining.connect(endpoint, 0, addresses);
            ours.write(endpoint.address() + "\n");
            ours.flush();
            AtomicInteger done = new AtomicInteger();
            long[] sent = new long[1];
            try (World world = joining.get(20, TimeUnit.SECONDS)) {
                assertThatThrownBy(() -> RankProcess.addForEver(world, () -> {
                            if (done.incrementAndGet() == SOME) {
                                sent[0] = System.nanoTime();
                                kill(name, process);
                            }
                        }))
                        .isInstanceOf(RunFailure.class)
                        .message()
                        .matches("communication failed at rank 1 \\(127.0.0.1\\), "
                                + "(all-reduce \\d+ of group world|between operations): " + reason);
                return Duration.ofNanos(System.nanoTime() - sent[0]);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static void kill(String signal, Process process) {
        try {
            new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
