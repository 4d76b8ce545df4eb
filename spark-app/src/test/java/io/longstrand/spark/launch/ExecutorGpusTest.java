package io.longstrand.spark.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.EnvironmentError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks on this machine's processors to which Spark gives GPUs with made-up addresses. */
class ExecutorGpusTest {
    @TempDir
    private Path directory;

    @Test
    void each_rank_computes_on_the_gpu_that_spark_gave_it() throws IOException {
        // Each worker that asks is offered the next one.
        Path discovery = script("for address in 2 5; do mkdir " + directory + "/$address 2>/dev/null && break; done;"
                + " echo \"{\\\"name\\\": \\\"gpu\\\", \\\"addresses\\\": [\\\"$address\\\"]}\"");
        try (ExecutorJvms executors = start(discovery)) {
            assertThat(executors.launcher().launch(2, RankPlace::device, new Unheard()))
                    .containsExactlyInAnyOrder(2, 5);
        }
    }

    @Test
    void two_ranks_with_one_gpu_are_refused_naming_both() throws IOException {
        Path discovery = script("echo '{\"name\": \"gpu\", \"addresses\": [\"0\"]}'");
        try (ExecutorJvms executors = start(discovery)) {
            assertThatThrownBy(() -> executors.launcher().launch(2, RankPlace::device, new Unheard()))
                    .isInstanceOf(EnvironmentError.class)
                    .hasMessageStartingWith("ranks 0 and 1 on 127.0.0.1 were both given GPU 0; ");
        }
    }

    private Path script(String command) throws IOException {
        Path script = Files.writeString(directory.resolve("discovery"), "#!/bin/sh\n" + command + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    private static ExecutorJvms start(Path discovery) throws IOException {
        return ExecutorJvms.start(
                2,
                "spark.worker.resource.gpu.amount",
                "1",
                "spark.worker.resource.gpu.discoveryScript",
                discovery.toString(),
                "spark.executor.resource.gpu.amount",
                "1",
                "spark.task.resource.gpu.amount",
                "1");
    }
}
