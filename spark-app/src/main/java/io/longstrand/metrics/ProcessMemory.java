package io.longstrand.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Memory of this process as the operating system counts it: heap, native libraries and arenas together. */
public final class ProcessMemory {
    private final Path status;

    /** Reads {@code /proc/self/status}, which Linux has. */
    public ProcessMemory() {
        this(Path.of("/proc/self/status"));
    }

    ProcessMemory(Path status) {
        this.status = status;
    }

    /** Resident bytes now; empty where the system does not say. */
    public OptionalLong residentSet() {
        return bytes("VmRSS:");
    }

    /** Most bytes ever resident; empty where the system does not say. */
    public OptionalLong residentSetPeak() {
        return bytes("VmHWM:");
    }

    private OptionalLong bytes(String name) {
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith(name)) {
                    String[] words = line.substring(name.length()).strip().split("\\s+");
                    return OptionalLong.of(Long.parseLong(words[0]) * 1024);
                }
            }
        } catch (IOException e) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }
}
