package io.longstrand.plan;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Memory of one rank.
 *
 * @param deviceBytes most bytes in use at once on the device
 * @param hostBytes most bytes in use at once in the host arena
 * @param device peak bytes by owner; owners peak at different times, so they may sum up to more
 * @param host peak bytes by owner
 */
public record MemoryPlan(long deviceBytes, long hostBytes, Map<String, Long> device, Map<String, Long> host) {
    public MemoryPlan {
        device = Collections.unmodifiableMap(new TreeMap<>(device));
        host = Collections.unmodifiableMap(new TreeMap<>(host));
    }

    /** Whether both places hold it. */
    public boolean fits(Budget budget) {
        return deviceBytes <= budget.deviceBytes() && hostBytes <= budget.hostBytes();
    }

    /**
     * What a rank may use.
     *
     * @param deviceBytes {@code memory.device-budget}
     * @param hostBytes {@code memory.host-budget}
     */
    public record Budget(long deviceBytes, long hostBytes) {}
}
