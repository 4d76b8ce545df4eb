package io.longstrand.bench.peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The executors that Spark started as processes of this one. */
final class ExecutorProcesses {
    /** Holds each to a processor of its own, with all its threads. @return whether the machine can */
    boolean pin() throws IOException, InterruptedException {
        List<Long> executors = ProcessHandle.current()
                .descendants()
                .map(ProcessHandle::pid)
                .filter(ExecutorProcesses::isExecutor)
                .sorted()
                .toList();
        boolean pinned = true;
        for (int i = 0; i < executors.size(); i++) {
            int processor = i % Runtime.getRuntime().availableProcessors();
            try {
                Process taskset = new ProcessBuilder("taskset", "-a", "-c", "-p", "" + processor, "" + executors.get(i))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                pinned &= taskset.waitFor(10, TimeUnit.SECONDS) && taskset.exitValue() == 0;
            } catch (IOException absent) {
                pinned = false;
            }
        }
        return pinned && !executors.isEmpty();
    }

    /** Java itself gives no command line as long as theirs. */
    private static boolean isExecutor(long process) {
        try {
            return Files.readString(Path.of("/proc", "" + process, "cmdline"), StandardCharsets.UTF_8)
                    .contains("CoarseGrainedExecutorBackend");
        } catch (IOException ended) {
            return false;
        }
    }
}
