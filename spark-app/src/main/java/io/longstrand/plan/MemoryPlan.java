package io.longstrand.plan;

import io.longstrand.tensor.KernelScratch;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Memory of one rank.
 *
 * @param device bytes by owner at the moment the device arena holds most, and what the kernels hold beside it as
 *     {@value #SCRATCH}
 * @param host bytes by owner at the moment the host arena holds most
 * @param scratch what the kernels hold
 */
public record MemoryPlan(Map<String, Long> device, Map<String, Long> host, KernelScratch scratch) {
    /** Owner of what kernels hold for themselves. */
    static final String SCRATCH = "scratch of kernels";

    public MemoryPlan {
        device = Collections.unmodifiableMap(new TreeMap<>(device));
        host = Collections.unmodifiableMap(new TreeMap<>(host));
    }

    /** Most bytes in use at once on the device: arena and kernels together. */
    public long deviceBytes() {
        return sum(device);
    }

    /** Most bytes in use at once in the device arena. */
    public long deviceArenaBytes() {
        return deviceBytes() - scratch.bytes();
    }

    /** Most bytes in use at once in the host arena. */
    public long hostBytes() {
        return sum(host);
    }

    private static long sum(Map<String, Long> owners) {
        return owners.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether both places hold it. */
    public boolean fits(Budget budget) {
        return deviceBytes() <= budget.deviceBytes() && hostBytes() <= budget.hostBytes();
    }

    /**
     * What a rank may use.
     *
     * @param deviceBytes {@code memory.device-budget}
     * @param hostBytes {@code memory.host-budget}
     */
    public record Budget(long deviceBytes, long hostBytes) {}
}
