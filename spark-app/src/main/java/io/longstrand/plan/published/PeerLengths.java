package io.longstrand.plan.published;

import io.longstrand.plan.cluster.ClusterProfile;
import java.util.EnumMap;
import java.util.Map;

/**
 * How long sequences can be with other systems, by their formulas and the constants that fit the published lengths of the
 * 25-billion-parameter model on A100 with 40 GB.
 */
public final class PeerLengths {
    /** The cluster of the published lengths. */
    public static final String PUBLISHED_ON = "a100-40g";

    private final ClusterProfile cluster;
    private final Map<PeerSystem, PeerConstants> constants = new EnumMap<>(PeerSystem.class);

    /** @param cluster to plan for */
    public PeerLengths(ClusterProfile cluster) {
        this.cluster = cluster;
        LengthFit fit = new LengthFit(
                ClusterProfile.named(PUBLISHED_ON), GptSize.of25B().name());
        for (PeerSystem system : PeerSystem.values()) {
            constants.put(system, fit.of(system, PublishedLength.all()));
        }
    }

    /** Tokens of the longest sequence with each system. */
    public Map<PeerSystem, Long> of(GptSize model, int gpus) {
        Map<PeerSystem, Long> lengths = new EnumMap<>(PeerSystem.class);
        constants.forEach((system, of) -> lengths.put(system, system.longest(model, gpus, cluster, of)));
        return lengths;
    }
}
