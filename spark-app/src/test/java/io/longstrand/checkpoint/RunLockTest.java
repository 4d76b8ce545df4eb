package io.longstrand.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
    @TempDir
    private Path directory;

    private FileStore store;
    private RunDirectory run;

    @BeforeEach
    void open() throws IOException {
        store = FileStore.local();
        run = new RunDirectory(directory.resolve("run").toString());
    }

    @Test
    void a_run_has_one_writer_at_a_time() throws IOException {
        try (RunLock lock = RunLock.take(store, run)) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(() -> RunLock.take(store, run))
                    .isInstanceOf(UserError.class)
                    .hasMessageContainingAll(
                            run.path(), "process " + ProcessHandle.current().pid(), run.lock());
        }
        assertThat(Path.of(run.lock())).doesNotExist();
        RunLock.take(store, run).close();
    }

    @Test
    void the_lock_of_a_process_that_is_gone_is_taken_over() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        write(InetAddress.getLocalHost().getHostName(), gone.pid());

        RunLock.take(store, run).close();

        assertThat(Path.of(run.path())).isEmptyDirectory();
    }

    @Test
    void the_lock_of_another_host_is_respected() throws IOException {
        write("another-host", 1);

        assertThatThrownBy(() -> RunLock.take(store, run))
                .isInstanceOf(UserError.class)
                .hasMessageContainingAll("process 1 on another-host", "delete " + run.lock());
    }

    @Test
    void a_lock_that_is_not_one_is_told() throws IOException {
        Files.createDirectories(Path.of(run.path()));
        Files.writeString(Path.of(run.lock()), "");

        assertThatThrownBy(() -> RunLock.take(store, run))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(run.lock());
    }

    private void write(String host, long process) throws IOException {
        Files.createDirectories(Path.of(run.path()));
        Files.writeString(
                Path.of(run.lock()), "{\"host\":\"" + host + "\",\"process\":" + process + ",\"startMillis\":1}");
    }
}
