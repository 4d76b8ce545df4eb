package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code submit/gpu-addresses} beside an nvidia-smi that says what a test wants it to. */
class GpuAddressesIT {
    @TempDir
    private Path directory;

    @BeforeEach
    void leaveNothingElseOnThePath() throws IOException {
        Files.createSymbolicLink(directory.resolve("bash"), Path.of("/bin/bash"));
    }

    @Test
    void every_gpu_of_the_machine_is_offered() throws Exception {
        nvidiaSmi("printf '0\\n1\\n3\\n'");

        CommandRun run = run();

        assertThat(run.output()).isEqualTo("{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\", \"3\"]}\n");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void a_machine_without_the_driver_is_told_so() throws Exception {
        CommandRun run = run();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.messages())
                .startsWith("gpu-addresses: no nvidia-smi on the PATH; ")
                .hasLineCount(1);
    }

    @Test
    void a_driver_that_fails_is_told_with_its_own_words() throws Exception {
        nvidiaSmi("echo 'No devices were found'; exit 6");

        CommandRun run = run();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.messages()).isEqualTo("gpu-addresses: nvidia-smi failed: No devices were found\n");
    }

    private void nvidiaSmi(String command) throws IOException {
        Path script = Files.writeString(directory.resolve("nvidia-smi"), "#!/bin/bash\n" + command + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    private CommandRun run() throws IOException, InterruptedException {
        return new Script(directory, Map.of("PATH", directory.toString())).run("gpu-addresses");
    }
}
