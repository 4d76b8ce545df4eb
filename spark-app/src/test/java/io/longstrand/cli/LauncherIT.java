package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code submit/longstrand} itself, as a user runs it. */
class LauncherIT {
    private static final Path LAUNCHER =
            Path.of("..", "submit", "longstrand").toAbsolutePath().normalize();
    private static final long PATIENCE_SECONDS = 180;

    @TempDir
    private Path directory;

    @Test
    void an_interrupted_run_saves_ends_with_4_and_can_be_resumed() throws IOException, InterruptedException {
        TinyRun tiny = new TinyRun(directory);
        Process training = start(tiny.train("run", tiny.genome(), "train.steps=1000000", "train.validation.every=0"));
        try {
            waitForStep(tiny.run("run").resolve("events.jsonl"), training);
            // What a terminal sends for Ctrl-C.
            new ProcessBuilder("kill", "-INT", Long.toString(training.pid()))
                    .start()
                    .waitFor();
            assertThat(training.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            training.destroyForcibly();
        }

        assertThat(training.exitValue()).as(messages()).isEqualTo(4);
        assertThat(messages())
                .contains("stopped at step", "train --resume run.directory=")
                .doesNotContain("WARNING", "\tat ");
        assertThat(Files.readString(tiny.run("run").resolve("status.json"))).contains("STOPPED");
        long step = new ObjectMapper()
                .readTree(tiny.run("run").resolve("status.json").toFile())
                .get("step")
                .asLong();

        Process resumed = start("train", "--resume", tiny.named("run"), "train.steps=" + (step + 2), "--json");

        assertThat(resumed.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(resumed.exitValue()).as(messages()).isZero();
        assertThat(new ObjectMapper().readTree(output().toFile()).get("steps").asLong())
                .isEqualTo(step + 2);
    }

    @Test
    void wrong_usage_is_one_line_on_standard_error_from_any_directory() throws IOException, InterruptedException {
        Process wrong = start("train", "--resum");

        assertThat(wrong.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(wrong.exitValue()).isEqualTo(2);
        assertThat(messages().lines()).hasSize(1);
        assertThat(output()).isEmptyFile();
    }

    @Test
    void an_unknown_profile_is_refused_naming_those_there_are() throws IOException, InterruptedException {
        ProcessBuilder launch = launch("doctor");
        launch.environment().put("LONGSTRAND_PROFILE", "tensorflow");
        Process wrong = launch.start();

        assertThat(wrong.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(wrong.exitValue()).isEqualTo(2);
        assertThat(messages())
                .isEqualTo("longstrand: LONGSTRAND_PROFILE is tensorflow; it must be none, torch, cuda or nd4j-cuda\n");
    }

    @Test
    void bf16_without_instructions_for_it_trains_and_says_once_that_it_is_slow()
            throws IOException, InterruptedException {
        TinyRun tiny = new TinyRun(directory);
        ProcessBuilder launch = launch(tiny.train("run", tiny.genome(), "backend=cpu", "train.precision=bf16"));
        launch.environment().put("ONEDNN_MAX_CPU_ISA", "AVX2");
        Process training = launch.start();

        assertThat(training.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(training.exitValue()).as(messages()).isZero();
        assertThat(messages().lines().filter(line -> line.startsWith("bf16: ")))
                .containsExactly("bf16: this processor (AVX2) has no instructions that multiply bfloat16, so steps take"
                        + " longer than in fp32; activations take half the memory");
    }

    private Process start(String... arguments) throws IOException {
        return launch(arguments).start();
    }

    private ProcessBuilder launch(String... arguments) {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(output().toFile())
                .redirectError(new File(directory.toFile(), "messages"));
    }

    private Path output() {
        return directory.resolve("output");
    }

    private String messages() throws IOException {
        return Files.readString(directory.resolve("messages"));
    }

    private void waitForStep(Path events, Process training) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(events) || !Files.readString(events).contains("step-completed")) {
            assertThat(training.isAlive()).as(messages()).isTrue();
            assertThat(System.nanoTime()).as("no step yet: %s", messages()).isLessThan(deadline);
            Thread.sleep(100);
        }
    }
}
