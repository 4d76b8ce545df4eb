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
import java.util.stream.Stream;

/**
 * Finds what makes a configuration fit: memory levers by rehearsing the configuration with them, alone first, then two
 * together and so on, and smaller steps.
 */
public final class MemoryAdvisor {
    /** Settings of which one may be chosen, the one that leaves least in memory last. */
    private static final List<List<String>> LEVERS = List.of(
            List.of("zero.stage=1", "zero.stage=2", "zero.stage=3"),
            List.of("memory.offload.optimizer=host"),
            List.of("memory.offload.parameters=host"),
            List.of("memory.offload.activations=host", "memory.offload.activations=disk"),
            List.of("memory.recompute=attention", "memory.recompute=attention+mlp", "memory.recompute=full"),
            List.of("memory.mlp-tile=2048"),
            List.of("train.precision=bf16"));

    /** Levers up to which every setting is tried; more are pulled as far as they go. */
    private static final int PATIENCE = 2;

    private final Function<List<String>, RunConfiguration> variants;
    private final int vocabulary;
    private final Backend backend;
    private final RunConfiguration configuration;
    private final TrainingMemory memory;
    private final StepCost cost;
    private final List<List<String>> levers;

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
        configuration = variants.apply(List.of());
        memory = new TrainingMemory(configuration, vocabulary);
        cost = memory.cost(backend);
        boolean alone = configuration.parallel().world() == 1;
        levers = LEVERS.stream()
                // One rank has nobody to share its state with.
                .filter(lever -> !alone || !lever.get(0).startsWith("zero."))
                .map(lever -> lever.stream()
                        .filter(setting -> variant(List.of(setting)).isPresent())
                        .toList())
                .filter(lever -> !lever.isEmpty())
                .toList();
    }

    /**
     * Cheapest first: levers, as few together as are needed, else the longest sequence with all of them; then smaller
     * steps. Empty when nothing helps.
     */
    public List<Advice> advice() {
        List<Advice> advice = new ArrayList<>();
        int most = enoughTogether() ? levers.size() : 0;
        for (int count = 1; advice.isEmpty() && count <= most; count++) {
            List<List<String>> choices =
                    count > PATIENCE ? farthest().stream().map(List::of).toList() : levers;
            combinations(choices, count).stream()
                    .flatMap(settings -> fitting(settings).stream())
                    .forEach(advice::add);
        }
        advice.sort(Comparator.comparingDouble(Advice::extraFlops).thenComparingLong(Advice::extraMovedBytes));
        if (advice.isEmpty()) {
            everything().ifPresent(advice::add);
        }
        MemoryPlanner planner = memory.planner(backend);
        Workload workload = memory.workload();
        OptionalInt fewer = planner.largestMicroBatch(workload, memory.budget());
        fewer.ifPresent(count -> fitting(List.of("train.micro-batch=" + count)).ifPresent(advice::add));
        OptionalInt shorter =
                planner.longestSequence(workload.microBatch(), workload.sequenceLength() - 1, memory.budget());
        shorter.ifPresent(
                length -> fitting(List.of("data.sequence-length=" + length)).ifPresent(advice::add));
        return advice;
    }

    /** Whether the device holds the step with all levers, or all but one: else no fewer need be tried. */
    private boolean enoughTogether() {
        List<String> all = farthest();
        return Stream.concat(Stream.of(all), withoutOne(all))
                .flatMap(settings -> plan(settings, memory.workload()).stream())
                .anyMatch(plan -> plan.deviceBytes() <= memory.budget().deviceBytes());
    }

    /** One sequence, as long as can be with all levers, or where they do not fit with those that need least. */
    private Optional<Advice> everything() {
        return longest(farthest()).or(() -> longest(smallest().settings()));
    }

    private Optional<Advice> longest(List<String> pulled) {
        List<String> settings = new ArrayList<>(pulled);
        settings.add("train.micro-batch=1");
        return variant(settings).flatMap(variant -> {
            TrainingMemory least = new TrainingMemory(variant, vocabulary);
            OptionalInt longest =
                    least.planner(backend).longestSequence(1, least.workload().sequenceLength(), least.budget());
            if (longest.isEmpty()) {
                return Optional.empty();
            }
            settings.add("data.sequence-length=" + longest.getAsInt());
            return fitting(settings);
        });
    }

    /**
     * The smallest budget that holds a step of one short sequence: from all levers on, those without which it needs less
     * are left out, one after the other. What is over the budget counts first, the device before the host.
     *
     * @return settings and bytes
     */
    public Advice smallest() {
        Budget budget = memory.budget();
        Comparator<Sized> order = Comparator.<Sized>comparingLong(
                        sized -> Math.max(0, sized.plan().deviceBytes() - budget.deviceBytes()))
                .thenComparingLong(sized -> Math.max(0, sized.plan().hostBytes() - budget.hostBytes()))
                .thenComparingLong(
                        sized -> sized.plan().deviceBytes() + sized.plan().hostBytes());
        Sized least = sized(farthest()).or(() -> sized(List.of())).orElseThrow();
        for (Optional<Sized> better = Optional.of(least); better.isPresent(); ) {
            least = better.get();
            Sized before = least;
            better = withoutOne(before.settings())
                    .flatMap(settings -> sized(settings).stream())
                    .filter(sized -> order.compare(sized, before) < 0)
                    .min(order);
        }
        return advice(least.settings(), least.plan());
    }

    /** What the shortest step needs with these settings. */
    private record Sized(List<String> settings, MemoryPlan plan) {}

    private Optional<Sized> sized(List<String> settings) {
        return plan(settings, MemoryPlanner.SHORTEST).map(plan -> new Sized(settings, plan));
    }

    private static Stream<List<String>> withoutOne(List<String> settings) {
        return settings.stream().map(left -> settings.stream()
                .filter(setting -> !setting.equals(left))
                .toList());
    }

    private Optional<Advice> fitting(List<String> settings) {
        return variant(settings).flatMap(variant -> {
            TrainingMemory changed = new TrainingMemory(variant, vocabulary);
            MemoryPlan plan = changed.planner(backend).plan(changed.workload());
            return plan.fits(changed.budget()) ? Optional.of(advice(settings, plan)) : Optional.empty();
        });
    }

    private Optional<MemoryPlan> plan(List<String> settings, Workload workload) {
        return (settings.isEmpty() ? Optional.of(configuration) : variant(settings))
                .map(variant ->
                        new TrainingMemory(variant, vocabulary).planner(backend).plan(workload));
    }

    private Advice advice(List<String> settings, MemoryPlan plan) {
        TrainingMemory changed = new TrainingMemory(variants.apply(settings), vocabulary);
        StepCost extra = changed.cost(backend).minus(cost);
        return new Advice(
                settings,
                plan.deviceBytes(),
                plan.hostBytes(),
                extra.flops(),
                extra.flops() / cost.flops(),
                extra.movedBytes());
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

    /** All levers, pulled as far as they go. */
    private List<String> farthest() {
        return levers.stream().map(lever -> lever.get(lever.size() - 1)).toList();
    }

    /** Every way to pull {@code count} of these levers. */
    private static List<List<String>> combinations(List<List<String>> levers, int count) {
        List<List<String>> all = new ArrayList<>();
        all.add(List.of());
        for (List<String> lever : levers) {
            for (List<String> before : List.copyOf(all)) {
                for (String setting : lever) {
                    List<String> more = new ArrayList<>(before);
                    more.add(setting);
                    all.add(more);
                }
            }
        }
        return all.stream().filter(settings -> settings.size() == count).toList();
    }
}
