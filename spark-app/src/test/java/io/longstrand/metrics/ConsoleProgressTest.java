package io.longstrand.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
    private final Sample sample = new Sample();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void a_log_gets_plain_lines_the_first_and_the_last_step_among_them() {
        try (ConsoleProgress console = new ConsoleProgress(stream, false, Duration.ofHours(1))) {
            console.accept(sample.started(0));
            for (int step = 1; step <= 40; step++) {
                console.accept(sample.step(step));
            }
            console.accept(sample.validation(40, true));
            console.accept(sample.checkpoint(40));
            console.accept(sample.finished(40, false));
        }
        assertThat(printed().lines())
                .containsExactly(
                        "training 803k parameters, 40 steps, 1 rank, 2 threads, backend cpu, measured peak 40.0 GFLOP/s,"
                                + " planned memory 300 MiB device + 1.00 MiB host",
                        "step  1/40  tokens 2.05k  loss 4.190  1.995 bits/base  20.5k tokens/s  10.0 GFLOP/s model"
                                + " (25% of peak)  ETA 4s",
                        "step 40/40  tokens 81.9k  loss 3.800  1.800 bits/base  20.5k tokens/s  10.0 GFLOP/s model"
                                + " (25% of peak)  ETA 0s",
                        "step 40: validation 1.770 bits/base over all 165k bases",
                        "step 40: checkpoint /runs/a/checkpoints/step-40 (9.16 MiB)",
                        "finished at step 40 after 4s of training");
    }

    @Test
    void a_terminal_gets_one_line_that_renews_itself() {
        try (ConsoleProgress console = new ConsoleProgress(stream, true, Duration.ofHours(1))) {
            console.accept(sample.started(39));
            console.accept(sample.step(40));
            console.accept(sample.validation(40, false));
        }
        assertThat(printed())
                .startsWith("resuming at step 39: ")
                .contains("\rstep 40/40")
                .contains("\u001b[K\nstep 40: validation 1.770 bits/base over a sample of 165k bases");
    }

    @Test
    void no_share_of_peak_is_shown_where_none_was_measured() {
        StepCompleted step =
                new StepCompleted(1, 1, 10, 1, 1, 1, 1, 10, 1e12, 1e12, 0, 0, 0, 0, 0, 0, 0, 1, MaskUse.NONE);
        try (ConsoleProgress console = new ConsoleProgress(stream, false, Duration.ofHours(1))) {
            console.accept(step);
        }
        assertThat(printed()).contains("1.00 TFLOP/s model  ETA").doesNotContain("peak");
    }

    @Test
    void what_the_user_should_know_is_one_line() {
        try (ConsoleProgress console = new ConsoleProgress(stream, false, Duration.ofHours(1))) {
            console.accept(new RunCautioned(1, 0, "bf16: slow here"));
        }
        assertThat(printed()).isEqualTo("bf16: slow here\n");
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
