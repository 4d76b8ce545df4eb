package io.longstrand.spark.doctor;

import io.longstrand.conformance.KernelVerdict;
import io.longstrand.tensor.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the ranks found.
 *
 * @param ranks one report a rank, in their order
 * @param together why they cannot work together, though each was looked at; empty when they can
 */
public record ClusterReport(List<RankReport> ranks, Optional<String> together) {
    public ClusterReport {
        ranks = List.copyOf(ranks);
    }

    /** Of ranks that can work together. */
    public ClusterReport(List<RankReport> ranks) {
        this(ranks, Optional.empty());
    }

    /** The verdict on a kernel that lies farthest from the reference among all ranks. @param rank whose it is */
    public record Worst(int rank, KernelVerdict verdict) {}

    private record Key(String kernel, DataType type) {}

    /** One of each kernel and type. */
    public List<Worst> worst() {
        Map<Key, Worst> worst = new LinkedHashMap<>();
        for (RankReport rank : ranks) {
            for (KernelVerdict verdict :
                    rank.found().map(found -> found.kernels()).orElse(List.of())) {
                worst.merge(
                        new Key(verdict.kernel(), verdict.type()),
                        new Worst(rank.rank(), verdict),
                        (one, other) -> Double.compare(
                                                one.verdict().ofAllowed(),
                                                other.verdict().ofAllowed())
                                        >= 0
                                ? one
                                : other);
            }
        }
        return List.copyOf(worst.values());
    }

    /** Everything that is wrong anywhere, one line each, naming rank and host. */
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        together.ifPresent(reason -> faults.add("all ranks together: " + reason));
        ranks.forEach(rank -> faults.addAll(rank.faults()));
        return faults;
    }

    /** Whether nothing is. */
    public boolean healthy() {
        return faults().isEmpty();
    }
}
