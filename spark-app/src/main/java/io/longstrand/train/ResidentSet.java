package io.longstrand.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Physical memory of this process, as Linux counts it; 0 on systems that do not say. */
final class ResidentSet {
    private static final Path STATUS = Path.of("/proc/self/status");

    /** Bytes resident now. */
    long now() {
        return line("VmRSS:");
    }

    /** Most bytes ever resident. */
    long peak() {
        return line("VmHWM:");
    }

    private static long line(String name) {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(name)) {
                    // "VmRSS:     123456 kB"
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
            return 0;
        } catch (IOException e) {
            return 0;
        }
    }
}
