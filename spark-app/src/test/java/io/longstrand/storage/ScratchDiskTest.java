package io.longstrand.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScratchDiskTest {
    @Test
    void the_disks_a_cluster_gives_come_before_the_directory_for_temporary_files() {
        assertThat(ScratchDisk.directory(Map.of(), "/tmp")).isEqualTo(Path.of("/tmp"));
        assertThat(ScratchDisk.directory(Map.of("SPARK_LOCAL_DIRS", "/mnt/a,/mnt/b"), "/tmp"))
                .isEqualTo(Path.of("/mnt/a"));
        assertThat(ScratchDisk.directory(Map.of("LOCAL_DIRS", "/yarn/a,/yarn/b", "SPARK_LOCAL_DIRS", "/mnt"), "/tmp"))
                .isEqualTo(Path.of("/yarn/a"));
        assertThat(ScratchDisk.directory(Map.of("SPARK_EXECUTOR_DIRS", "/work/a:/work/b"), "/tmp"))
                .isEqualTo(Path.of("/work/a"));
        assertThat(ScratchDisk.directory(Map.of("LOCAL_DIRS", ""), "/tmp")).isEqualTo(Path.of("/tmp"));
    }
}
