package io.longstrand.train;

import io.longstrand.config.RunConfiguration;
import io.longstrand.config.UserError;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.plan.MemoryPlanner;
import io.longstrand.plan.Workload;
import io.longstrand.plan.cluster.AbsentGpu;
import io.longstrand.plan.cluster.ClusterProfile;
import io.longstrand.plan.cluster.Rates;
import io.longstrand.plan.cluster.StepTime;
import io.longstrand.tensor.Backend;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Finds the longest sequence that a model trains on, on clusters of some size: all ranks share each sequence, its
 * matrices or its heads inside nodes and rings over these, or where neither divides the model one ring; steps are
 * rehearsed as for any other plan.
 */
public final class LongestSequences {
    /** Lengths tried are multiples of it: a rehearsal over many ranks takes longer, and a tenth of a percent is enough. */
    private static final int STEP = 1024;

    private final Function<List<String>, RunConfiguration> variants;
    private final int vocabulary;
    private final ClusterProfile cluster;
    private final Rates rates;

    /**
     * Plans for one model and cluster.
     *
     * @param variants the configuration with settings on top; throws {@link UserError} for those that cannot be
     * @param vocabulary token ids of the tokeniser
     * @param cluster to plan for
     * @param rates steps are timed with
     */
    public LongestSequences(
            Function<List<String>, RunConfiguration> variants, int vocabulary, ClusterProfile cluster, Rates rates) {
        this.variants = new ClusterVariants(variants, cluster);
        this.vocabulary = vocabulary;
        this.cluster = cluster;
        this.rates = rates;
    }

    /**
     * The longest sequence on some GPUs.
     *
     * @param gpus how many
     * @param layout {@code parallel.…=…} that lets it be the longest
     * @param tokens of it, a multiple of 1024; 0 when no sequence fits
     * @param plan of a rank at that length
     * @param step how long it takes
     */
    public record Longest(int gpus, List<String> layout, int tokens, MemoryPlan plan, StepTime step) {}

    /**
     * The longest sequence over all layouts.
     *
     * @throws UserError when so many GPUs fill no whole nodes, or no layout divides the model
     */
    public Longest on(int gpus) {
        cluster.checkGpus(gpus);
        int inNode = cluster.inNode(gpus);
        Optional<Longest> tensor = tried(gpus, layout(gpus / inNode, 1, inNode));
        Optional<Longest> head = tried(gpus, layout(gpus / inNode, inNode, 1));
        return Stream.of(tensor, head)
                .flatMap(Optional::stream)
                .reduce((one, other) -> other.tokens() > one.tokens() ? other : one)
                .orElseGet(() -> on(gpus, layout(gpus, 1, 1)));
    }

    /** Empty when the model cannot be shared so. */
    private Optional<Longest> tried(int gpus, List<String> layout) {
        try {
            return Optional.of(on(gpus, layout));
        } catch (UserError e) {
            return Optional.empty();
        }
    }

    private static List<String> layout(int context, int head, int tensor) {
        return List.of(
                "parallel.data=1", "parallel.context=" + context, "parallel.head=" + head, "parallel.tensor=" + tensor);
    }

    private Longest on(int gpus, List<String> layout) {
        TrainingMemory memory = new TrainingMemory(variants.apply(layout), vocabulary);
        try (Backend gpu = new AbsentGpu(cluster)) {
            MemoryPlanner planner = memory.planner(gpu);
            int microBatch = memory.workload().microBatch();
            OptionalInt tokens =
                    planner.longestSequence(microBatch, MemoryPlanner.MOST_TOKENS / microBatch, STEP, memory.budget());
            int length = tokens.orElse(STEP);
            MemoryPlan plan = planner.plan(new Workload(microBatch, length));
            return new Longest(
                    gpus,
                    layout,
                    tokens.orElse(0),
                    plan,
                    new ClusterStep(variants, vocabulary, cluster, rates).time(layout, length));
        }
    }
}
