package io.longstrand.plan;

import io.longstrand.config.UserError;
import io.longstrand.plan.MemoryPlan.Budget;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.KernelScratch;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.ScratchForecast;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/** Finds out what a step needs by rehearsing it, and what would fit when it needs too much. */
public final class MemoryPlanner {
    /** No machine has as much, and sums of it with sizes do not overflow. */
    private static final long BOUNDLESS = 1L << 60;

    /** Lengths that are advised are multiples of this. */
    private static final int LENGTH_STEP = 64;

    /** Tokens of a sequence, at most: the host sees four bytes of each through one window. */
    public static final int MOST_TOKENS = (1 << 29) - LENGTH_STEP;

    /** Every so many looks halve what is left to search, where bytes grow in jumps. */
    private static final int LOOKS_TO_HALVE = 3;

    /** The smallest step that is planned. */
    public static final Workload SHORTEST = new Workload(1, LENGTH_STEP);

    private final Rehearsal rehearsal;
    private final Backend real;

    /**
     * Plans steps of one model and layout.
     *
     * @param rehearsal one step
     * @param backend that will run them: nothing is run on it here
     */
    public MemoryPlanner(Rehearsal rehearsal, Backend backend) {
        this.rehearsal = rehearsal;
        this.real = backend;
    }

    /**
     * What a step over this workload needs.
     *
     * @throws UserError when it has more tokens than any step can
     */
    public MemoryPlan plan(Workload workload) {
        long tokens = (long) workload.microBatch() * workload.sequenceLength();
        if (tokens > MOST_TOKENS) {
            throw new UserError("train.micro-batch = " + workload.microBatch() + " and data.sequence-length = "
                    + workload.sequenceLength() + ": a micro-batch of " + tokens + " tokens, and it can hold at most "
                    + MOST_TOKENS);
        }
        try (ScratchForecast forecast = real.scratchForecast();
                PlanningBackend backend = backend(forecast);
                Arena device = new Arena(backend, Place.DEVICE, BOUNDLESS);
                Arena host = new Arena(backend, Place.HOST, BOUNDLESS)) {
            rehearsal.run(workload, backend, device, host);
            Map<String, Long> owners = new TreeMap<>(device.ownersAtPeak());
            KernelScratch scratch = forecast.scratch();
            if (scratch.bytes() > 0) {
                owners.put(MemoryPlan.SCRATCH, scratch.bytes());
            }
            return new MemoryPlan(owners, host.ownersAtPeak(), scratch);
        }
    }

    /**
     * What a step over this workload needs, if the budget holds it.
     *
     * @throws UserError when it does not, naming bytes needed, the budget and what would fit
     */
    public MemoryPlan planWithin(Workload workload, Budget budget) {
        MemoryPlan plan = plan(workload);
        if (!plan.fits(budget)) {
            throw new UserError(refusal(plan, workload, budget));
        }
        return plan;
    }

    /** The longest sequence of all, a multiple of 64, of which {@code microBatch} fit together; empty when none does. */
    public OptionalInt longestSequence(int microBatch, Budget budget) {
        return longestSequence(microBatch, MOST_TOKENS, budget);
    }

    /** The longest sequence, a multiple of 64, of which {@code microBatch} fit together; empty when none does. */
    public OptionalInt longestSequence(int microBatch, int atMost, Budget budget) {
        return longestSequence(microBatch, atMost, LENGTH_STEP, budget);
    }

    /** The same in coarser steps, which are found sooner. @param step lengths are multiples of it */
    public OptionalInt longestSequence(int microBatch, int atMost, int step, Budget budget) {
        OptionalInt steps = largest(atMost / step, count -> new Workload(microBatch, count * step), budget);
        return steps.isPresent() ? OptionalInt.of(steps.getAsInt() * step) : steps;
    }

    /** The most sequences of the workload's length that fit together, fewer than it has; empty when not one does. */
    public OptionalInt largestMicroBatch(Workload workload, Budget budget) {
        return largest(workload.microBatch() - 1, count -> new Workload(count, workload.sequenceLength()), budget);
    }

    private PlanningBackend backend(ScratchForecast forecast) {
        Kernels kernels = real.kernels();
        return new PlanningBackend(kernels.lanes(), forecast, kernels.fusedAttention());
    }

    /** Bytes a step over this workload copies between host and device. */
    public long movedBytes(Workload workload) {
        try (PlanningBackend backend = backend(ScratchForecast.NONE);
                Arena device = new Arena(backend, Place.DEVICE, BOUNDLESS);
                Arena host = new Arena(backend, Place.HOST, BOUNDLESS)) {
            rehearsal.run(workload, backend, device, host);
            return backend.movedBytes();
        }
    }

    private String refusal(MemoryPlan plan, Workload workload, Budget budget) {
        StringBuilder message = new StringBuilder();
        if (plan.deviceBytes() > budget.deviceBytes()) {
            message.append(over("memory.device-budget", budget.deviceBytes(), plan.deviceBytes(), plan.device()));
        } else {
            message.append(over("memory.host-budget", budget.hostBytes(), plan.hostBytes(), plan.host()));
        }
        message.append("; ");
        OptionalInt fewer = largestMicroBatch(workload, budget);
        OptionalInt shorter = longestSequence(workload.microBatch(), workload.sequenceLength() - 1, budget);
        if (fewer.isPresent()) {
            message.append("train.micro-batch = ").append(fewer.getAsInt()).append(" would fit");
        }
        if (shorter.isPresent()) {
            message.append(fewer.isPresent() ? ", or " : "")
                    .append("data.sequence-length = ")
                    .append(shorter.getAsInt())
                    .append(fewer.isPresent() ? "" : " would fit");
        }
        if (fewer.isEmpty() && shorter.isEmpty()) {
            MemoryPlan least = plan(SHORTEST);
            message.append("no micro-batch and no sequence length would fit: one sequence of ")
                    .append(SHORTEST.sequenceLength())
                    .append(" tokens needs memory.device-budget = ")
                    .append(least.deviceBytes())
                    .append(" and memory.host-budget = ")
                    .append(least.hostBytes())
                    .append("; choose a smaller model or a larger budget");
        }
        return message.append("; submit/longstrand plan says which memory settings help")
                .toString();
    }

    private static String over(String key, long budget, long needed, Map<String, Long> owners) {
        String largest = owners.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return key + " = " + budget + " bytes, and a step needs " + needed + " (" + largest + ")";
    }

    /**
     * The largest count from 1 to {@code most} whose workload fits; below a count that fits all counts do. Looks at
     * twice as many until they do not fit, since rehearsing a step takes longer the longer it is; then where what is left
     * of the budget would come to nothing, as bytes mostly grow in proportion.
     */
    private OptionalInt largest(int most, IntFunction<Workload> workload, Budget budget) {
        int fitting = 0;
        int tooMany = Math.min(1, most);
        double left = 1;
        double lacking = 1;
        while (tooMany > fitting) {
            double share = shareLeft(plan(workload.apply(tooMany)), budget);
            if (share < 0) {
                lacking = -share;
                break;
            }
            left = share;
            fitting = tooMany;
            tooMany = (int) Math.min(most, 2L * tooMany);
        }
        for (int look = 1; tooMany - fitting > 1; look++) {
            int between = tooMany - fitting;
            double where = look % LOOKS_TO_HALVE == 0 ? 0.5 : left / (left + lacking);
            int middle = fitting + (int) Math.min(between - 1, Math.max(1, where * between));
            double share = shareLeft(plan(workload.apply(middle)), budget);
            if (share >= 0) {
                left = share;
                fitting = middle;
            } else {
                lacking = -share;
                tooMany = middle;
            }
        }
        return fitting > 0 ? OptionalInt.of(fitting) : OptionalInt.empty();
    }

    /** Share of the budget that is left in the place that has less of it; below 0 where it does not suffice. */
    private static double shareLeft(MemoryPlan plan, Budget budget) {
        return Math.min(
                (budget.deviceBytes() - plan.deviceBytes()) / (double) budget.deviceBytes(),
                (budget.hostBytes() - plan.hostBytes()) / (double) budget.hostBytes());
    }
}
