package io.longstrand.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvidiaSmiTest {
    @TempDir
    private Path directory;

    private NvidiaSmi script(String... lines) throws IOException {
        Path script = directory.resolve("nvidia-smi");
        Files.write(script, List.of("#!/bin/sh", String.join("\n", lines)));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return new NvidiaSmi(script.toString());
    }

    @Test
    void every_gpu_is_read_with_its_memory_in_bytes() throws IOException {
        NvidiaSmi two = script(
                "echo '535.161.08, 0, NVIDIA A100-SXM4-40GB, GPU-5fd2, 40960, 40331, 8.0'",
                "echo '535.161.08, 1, NVIDIA A100-SXM4-40GB, GPU-77ab, 40960, 12, 8.0'");

        assertThat(two.ask())
                .hasValue(new NvidiaDriver(
                        "535.161.08",
                        List.of(
                                new NvidiaDriver.Gpu(
                                        0, "NVIDIA A100-SXM4-40GB", "GPU-5fd2", "8.0", 40960L << 20, 40331L << 20),
                                new NvidiaDriver.Gpu(
                                        1, "NVIDIA A100-SXM4-40GB", "GPU-77ab", "8.0", 40960L << 20, 12L << 20))));
    }

    @Test
    void a_driver_too_old_to_know_compute_capabilities_is_read_without() throws IOException {
        NvidiaSmi old = script(
                "case \"$1\" in *compute_cap*) echo 'Field \"compute_cap\" is not a valid field to query.'; exit 2;; esac",
                "echo '470.82.01, 0, Tesla V100, GPU-1, 16160, 16155'");

        assertThat(old.ask()).hasValueSatisfying(driver -> {
            assertThat(driver.version()).isEqualTo("470.82.01");
            assertThat(driver.gpus()).singleElement().satisfies(gpu -> assertThat(gpu.computeCapability())
                    .isEmpty());
        });
    }

    @Test
    void no_program_a_failing_one_and_one_without_gpus_are_no_driver() throws IOException {
        assertThat(new NvidiaSmi(directory.resolve("nowhere").toString()).ask()).isEmpty();
        assertThat(script(
                                "echo 'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.'; exit 9")
                        .ask())
                .isEmpty();
        assertThat(script("echo 'No devices were found'").ask()).isEmpty();
    }
}
