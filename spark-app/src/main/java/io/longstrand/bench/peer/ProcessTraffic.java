package io.longstrand.bench.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process reads and writes, from and to sockets as well as files, as Linux counts it. */
final class ProcessTraffic {
    private static final Path COUNTERS = Path.of("/proc/self/io");

    /** Bytes read and written so far. */
    long bytes() throws IOException {
        return Files.readAllLines(COUNTERS).stream()
                .filter(line -> line.startsWith("rchar:") || line.startsWith("wchar:"))
                .mapToLong(line ->
                        Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .sum();
    }
}
