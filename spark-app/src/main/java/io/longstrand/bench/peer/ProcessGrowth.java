package io.longstrand.bench.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.presets.openblas_nolapack;

/**
 * How much more memory of this process the operating system has resident at the most while something runs than before:
 * what a library that does not count its own memory really takes, its allocator's losses included. Before, the heap is
 * collected and what the C allocator holds without using it is given back, so that it cannot serve the work unseen.
 */
public final class ProcessGrowth {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    /** Written there, it sets the peak back to what is resident now (Linux 4.0). */
    private static final String RESET_PEAK = "5";

    private final Trimmer trimmer;

    /** Why this machine cannot tell; empty when it can. */
    public static Optional<String> unavailable() {
        Pointer function = Loader.addressof("malloc_trim");
        if (function == null || function.isNull()) {
            return Optional.of(
                    "libtorch is left out: its memory is measured through glibc's malloc_trim, missing here");
        }
        return Files.isWritable(CLEAR) && Files.isReadable(STATUS)
                ? Optional.empty()
                : Optional.of("libtorch is left out: its memory is measured through " + CLEAR + ", closed here");
    }

    /** Finds the allocator's function, where nothing is {@link #unavailable}. */
    public ProcessGrowth() {
        trimmer = new Trimmer(Loader.addressof("malloc_trim"));
    }

    /** Bytes the process grew by at the most. */
    public long of(Runnable work) {
        System.gc();
        trimmer.call(0);
        try {
            Files.writeString(CLEAR, RESET_PEAK);
            long before = kilobytes("VmRSS:");
            work.run();
            return (kilobytes("VmHWM:") - before) * 1024;
        } catch (IOException e) {
            throw new IllegalStateException("this system does not say how much memory is resident: " + e.getMessage());
        }
    }

    private static long kilobytes(String name) throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow(() -> new IOException("no " + name));
    }

    /** Calls {@code int malloc_trim(size_t)} by its address, as a C function of one number. */
    private static final class Trimmer extends openblas_nolapack.SetNumThreads {
        private Trimmer(Pointer function) {
            put(function);
        }
    }
}
