package io.longstrand.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusFileTest {
    private final Sample sample = new Sample();

    @TempDir
    Path directory;

    @Test
    void the_file_says_where_the_run_stands() throws IOException {
        FileStore store = FileStore.local();
        String path = directory.resolve("status.json").toString();
        try (StatusFile status = new StatusFile(store, path, Duration.ofHours(1))) {
            status.accept(sample.started(0));
            assertThat(StatusFile.read(store, path))
                    .extracting(RunStatus::state, RunStatus::step, RunStatus::steps, RunStatus::loss)
                    .containsExactly(RunStatus.State.RUNNING, 0L, 40L, null);
            status.accept(sample.step(1));
            assertThat(StatusFile.read(store, path).step()).isZero();
            status.accept(sample.checkpoint(1));
            RunStatus running = StatusFile.read(store, path);
            assertThat(running.step()).isEqualTo(1);
            assertThat(running.secondsLeft()).isEqualTo(39 * 0.1);
            assertThat(running.checkpoint()).isEqualTo("/runs/a/checkpoints/step-1");
            status.accept(new RunFailed(1, 1, 0, "out of memory"));
            assertThat(StatusFile.read(store, path))
                    .extracting(RunStatus::state, RunStatus::message)
                    .containsExactly(RunStatus.State.FAILED, "out of memory");
            status.accept(sample.started(1));
            assertThat(StatusFile.read(store, path).state()).isEqualTo(RunStatus.State.RUNNING);
            status.accept(sample.finished(40, true));
        }
        assertThat(StatusFile.read(store, path).state()).isEqualTo(RunStatus.State.STOPPED);
        assertThat(directory.toFile().list()).containsExactly("status.json");
    }
}
