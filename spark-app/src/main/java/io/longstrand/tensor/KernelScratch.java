package io.longstrand.tensor;

import java.util.List;

/**
 * Memory kernels hold for themselves, beside the arenas; it counts as device memory.
 *
 * @param pieces bytes of each piece, in an order of the backend's own
 */
public record KernelScratch(List<Long> pieces) {
    /** Kernels that need none, or do not say. */
    public static final KernelScratch NONE = new KernelScratch(List.of());

    public KernelScratch {
        pieces = List.copyOf(pieces);
    }

    /** All of it together. */
    public long bytes() {
        return pieces.stream().mapToLong(Long::longValue).sum();
    }
}
