package io.longstrand.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessMemoryTest {
    @TempDir
    Path directory;

    @Test
    void sizes_are_read_in_bytes() throws IOException {
        Path file = Files.writeString(
                directory.resolve("status"), "Name:\tjava\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n");
        assertThat(new ProcessMemory(file).residentSet()).hasValue(100L << 20);
        assertThat(new ProcessMemory(file).residentSetPeak()).hasValue(200L << 20);
    }

    @Test
    void a_system_that_does_not_say_gives_nothing() {
        assertThat(new ProcessMemory(directory.resolve("none")).residentSet()).isEmpty();
    }
}
