package io.longstrand.train;

import io.longstrand.config.RunConfiguration;
import io.longstrand.config.UserError;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.plan.MemoryPlan.Budget;
import io.longstrand.plan.MemoryPlanner;
import io.longstrand.plan.StepCost;
import io.longstrand.plan.Workload;
import io.longstrand.tensor.Backend;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Finds what makes a configuration fit: memory levers by rehearsing the configuration with them, alone first, then two
 * together and so on, and smaller steps. Levers that this version does not have are left out.
 */
public final class MemoryAdvisor {
    /** Settings of which one may be chosen. */
    private static final List<List<String>> LEVERS = List.of(
            List.of("memory.offload.optimizer=host"),
            List.of("memory.offload.parameters=host"),
            List.of("memory.offload.activations=host"),
            List.of("memory.recompute=attention", "memory.recompute=attention+mlp", "memory.recompute=full"),
            List.of("train.precision=bf16"));

    private final Function<List<String>, RunConfiguration> variants;
    private final int vocabulary;
    private final Backend backend;
    private final RunConfiguration configuration;
    private final StepCost cost;

    /**
     * Advises on one configuration.
     *
     * @param variants the configuration with settings on top; throws {@link UserError} for those that cannot be
     * @param vocabulary token ids of the tokeniser
     * @param backend that would train
     */
    public MemoryAdvisor(Function<List<String>, RunConfiguration> variants, int vocabulary, Backend backend) {
        this.variants = variants;
        this.vocabulary = vocabulary;
        this.backend = backend;
        this.configuration = variants.apply(List.of());
        this.cost = cost(configuration);
    }

    /** Cheapest first: levers, as few together as are needed, then smaller steps. Empty when nothing helps. */
    public List<Advice> advice() {
        List<Advice> advice = new ArrayList<>();
        for (int count = 1; advice.isEmpty() && count <= LEVERS.size(); count++) {
            combinations(count).stream()
                    .flatMap(settings -> fitting(settings).stream())
                    .forEach(advice::add);
        }
        advice.sort(Comparator.comparingDouble(Advice::extraFlops).thenComparingLong(Advice::extraMovedBytes));
        TrainingMemory memory = new TrainingMemory(configuration, vocabulary);
        MemoryPlanner planner = memory.planner(backend);
        Workload workload = memory.workload();
        OptionalInt fewer = planner.largestMicroBatch(workload, memory.budget());
        fewer.ifPresent(count -> fitting(List.of("train.micro-batch=" + count)).ifPresent(advice::add));
        OptionalInt shorter =
                planner.longestSequence(workload.microBatch(), workload.sequenceLength() - 1, memory.budget());
        shorter.ifPresent(
                length -> fitting(List.of("data.sequence-length=" + length)).ifPresent(advice::add));
        if (advice.isEmpty()) {
            everything().ifPresent(advice::add);
        }
        return advice;
    }

    /** One sequence, as long as can be with the levers that leave least on the device. */
    private Optional<Advice> everything() {
        List<String> settings = new ArrayList<>(smallest().settings());
        settings.add("train.micro-batch=1");
        TrainingMemory memory = new TrainingMemory(variants.apply(settings), vocabulary);
        OptionalInt longest =
                memory.planner(backend).longestSequence(1, memory.workload().sequenceLength(), memory.budget());
        if (longest.isEmpty()) {
            return Optional.empty();
        }
        settings.add("data.sequence-length=" + longest.getAsInt());
        return fitting(settings);
    }

    /**
     * What would be needed at least, for one short sequence and with whatever levers make it least.
     *
     * @return settings and the bytes of the smallest device budget that holds a step with them
     */
    public Advice smallest() {
        List<Advice> all = new ArrayList<>(List.of(planned(List.of())));
        for (int count = 1; count <= LEVERS.size(); count++) {
            combinations(count).stream()
                    .flatMap(settings -> variant(settings).stream().map(ignored -> planned(settings)))
                    .forEach(all::add);
        }
        return all.stream().min(Comparator.comparingLong(Advice::deviceBytes)).orElseThrow();
    }

    /** With these settings, for one sequence of the shortest length. */
    private Advice planned(List<String> settings) {
        RunConfiguration variant = variants.apply(settings);
        MemoryPlan plan =
                new TrainingMemory(variant, vocabulary).planner(backend).plan(MemoryPlanner.SHORTEST);
        StepCost extra = cost(variant).minus(cost);
        return new Advice(settings, plan.deviceBytes(), plan.hostBytes(), extra.productFlops(), extra.movedBytes());
    }

    private Optional<Advice> fitting(List<String> settings) {
        return variant(settings).flatMap(variant -> {
            TrainingMemory memory = new TrainingMemory(variant, vocabulary);
            MemoryPlan plan = memory.planner(backend).plan(memory.workload());
            Budget budget = memory.budget();
            if (!plan.fits(budget)) {
                return Optional.empty();
            }
            StepCost extra = cost(variant).minus(cost);
            return Optional.of(new Advice(
                    settings, plan.deviceBytes(), plan.hostBytes(), extra.productFlops(), extra.movedBytes()));
        });
    }

    /** Empty when these settings cannot be had or change nothing. */
    private Optional<RunConfiguration> variant(List<String> settings) {
        try {
            RunConfiguration variant = variants.apply(settings);
            return variant.equals(configuration) ? Optional.empty() : Optional.of(variant);
        } catch (UserError e) {
            return Optional.empty();
        }
    }

    private StepCost cost(RunConfiguration variant) {
        TrainingMemory memory = new TrainingMemory(variant, vocabulary);
        return memory.cost(backend).times(variant.train().accumulation());
    }

    /** Every way to pull {@code count} of the levers that can be had. */
    private List<List<String>> combinations(int count) {
        List<List<String>> all = new ArrayList<>();
        all.add(List.of());
        for (List<String> lever : LEVERS) {
            List<String> available = lever.stream()
                    .filter(setting -> variant(List.of(setting)).isPresent())
                    .toList();
            for (List<String> before : List.copyOf(all)) {
                for (String setting : available) {
                    List<String> more = new ArrayList<>(before);
                    more.add(setting);
                    all.add(more);
                }
            }
        }
        return all.stream().filter(settings -> settings.size() == count).toList();
    }
}
