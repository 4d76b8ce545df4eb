package io.longstrand.gpu;

import java.util.Locale;
import java.util.Optional;

/**
 * The memory of a GPU before this process took any.
 *
 * @param totalBytes all of it
 * @param freeBytes that nobody uses
 */
public record GpuMemory(long totalBytes, long freeBytes) {
    /** What a driver and a desktop take for themselves. */
    private static final long UNAVOIDABLE_BYTES = 2L << 30;

    private static final int ONE_IN = 10;

    /**
     * Why this GPU is not for us: another process uses more than a tenth of it.
     *
     * @param gpu as messages call it
     */
    public Optional<String> taken(String gpu) {
        long used = totalBytes - freeBytes;
        return used <= Math.max(UNAVOIDABLE_BYTES, totalBytes / ONE_IN)
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "%s is taken: other processes use %.1f of its %.1f GiB (nvidia-smi shows them); end them, or choose"
                                + " another GPU with CUDA_VISIBLE_DEVICES",
                        gpu,
                        gibibytes(used),
                        gibibytes(totalBytes)));
    }

    private static double gibibytes(long bytes) {
        return (double) bytes / (1L << 30);
    }
}
