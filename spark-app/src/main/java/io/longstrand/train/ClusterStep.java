package io.longstrand.train;

import io.longstrand.comm.OperationKind;
import io.longstrand.config.ParallelSection;
import io.longstrand.config.RunConfiguration;
import io.longstrand.plan.StepCost;
import io.longstrand.plan.cluster.AbsentGpu;
import io.longstrand.plan.cluster.ClusterProfile;
import io.longstrand.plan.cluster.Rates;
import io.longstrand.plan.cluster.StepTime;
import io.longstrand.tensor.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * How long a step takes on a cluster: operations and bytes come from the rehearsal, seconds from published peaks and
 * rates. Ranks of the tensor and head axes are neighbours, so what these axes send stays inside nodes as long as they
 * have no more ranks than a node has GPUs.
 *
 * @param variants the configuration with settings on top
 * @param vocabulary token ids of the tokeniser
 * @param cluster it runs on
 * @param rates it runs at
 */
public record ClusterStep(
        Function<List<String>, RunConfiguration> variants, int vocabulary, ClusterProfile cluster, Rates rates) {
    /** Seconds of a step. @param layout settings on top of the configuration @param length tokens of a sequence */
    public StepTime time(List<String> layout, int length) {
        RunConfiguration configuration = variant(layout, "data.sequence-length=" + length);
        ParallelSection parallel = configuration.parallel();
        TrainingMemory memory = new TrainingMemory(configuration, vocabulary);
        int sharing = parallel.world() / parallel.data();
        try (Backend gpu = new AbsentGpu(cluster)) {
            StepCost cost = memory.cost(gpu);
            double attention = memory.attentionFlops() / sharing;
            Map<OperationKind, Long> sent = memory.communicationBytes(gpu);
            double all = sum(sent);
            double inside =
                    parallel.world() <= cluster.gpusPerNode() ? all : inNode(layout, parallel, length, sent, gpu);
            double inNode = rates.linkSeconds(inside, cluster.linkInNode());
            return new StepTime(
                    rates.productSeconds(cluster, cost.flops() / sharing - attention),
                    rates.attentionSeconds(cluster, attention),
                    inNode,
                    betweenNodes(parallel, sent, all - inside),
                    rates.hostSeconds(cluster, cost.movedBytes()));
        }
    }

    /** Of rings that pass on to the next rank, which is in another node, and of collective operations. */
    private double betweenNodes(ParallelSection parallel, Map<OperationKind, Long> sent, double bytes) {
        double passedOn = Math.min(bytes, sent.getOrDefault(OperationKind.SEND_RECEIVE, 0L));
        int ranksInNode = Math.max(1, cluster.gpusPerNode() / parallel.tensor());
        return rates.linkSeconds(passedOn, cluster.linkBetweenNodes())
                + rates.linkSeconds(bytes - passedOn, cluster.ringBandwidth(ranksInNode));
    }

    /**
     * Bytes sent inside nodes: along the tensor axis those of a step on its ranks alone, over as many tokens as a rank of
     * the other axes has; along the head axis all of its exchange.
     */
    private double inNode(
            List<String> layout, ParallelSection parallel, int length, Map<OperationKind, Long> sent, Backend gpu) {
        if (parallel.tensor() * parallel.head() > cluster.gpusPerNode()) {
            return 0;
        }
        RunConfiguration alone = variant(
                layout,
                "parallel.data=1",
                "parallel.context=1",
                "parallel.head=1",
                "data.sequence-length=" + Math.max(1, length / (parallel.context() * parallel.head())));
        double tensor = sum(new TrainingMemory(alone, vocabulary).communicationBytes(gpu));
        return tensor + sent.getOrDefault(OperationKind.ALL_TO_ALL, 0L);
    }

    private RunConfiguration variant(List<String> layout, String... more) {
        List<String> settings = new ArrayList<>(layout);
        settings.addAll(List.of(more));
        return variants.apply(settings);
    }

    private static double sum(Map<OperationKind, Long> bytes) {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }
}
