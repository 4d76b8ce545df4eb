package io.longstrand.plan;

import io.longstrand.config.UserError;
import io.longstrand.plan.MemoryPlan.Budget;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.KernelScratch;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.ScratchForecast;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Finds out what a step needs by rehearsing it, and what would fit when it needs too much. */
public final class MemoryPlanner {
    /** No machine has as much, and sums of it with sizes do not overflow. */
    private static final long BOUNDLESS = 1L << 60;

    /** Lengths that are advised are multiples of this. */
    private static final int LENGTH_STEP = 64;

    private final Rehearsal rehearsal;
    private final int lanes;
    private final Supplier<ScratchForecast> forecasts;

    /**
     * Plans steps of one model and layout.
     *
     * @param rehearsal one step
     * @param backend that will run them: nothing is run on it here
     */
    public MemoryPlanner(Rehearsal rehearsal, Backend backend) {
        this.rehearsal = rehearsal;
        this.lanes = backend.kernels().lanes();
        this.forecasts = backend::scratchForecast;
    }

    /** What a step over this workload needs. */
    public MemoryPlan plan(Workload workload) {
        try (ScratchForecast forecast = forecasts.get();
                PlanningBackend backend = new PlanningBackend(lanes, forecast);
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

    /** The longest sequence, a multiple of 64, of which {@code microBatch} fit together; empty when none does. */
    public OptionalInt longestSequence(int microBatch, int atMost, Budget budget) {
        OptionalInt steps =
                largest(atMost / LENGTH_STEP, count -> new Workload(microBatch, count * LENGTH_STEP), budget);
        return steps.isPresent() ? OptionalInt.of(steps.getAsInt() * LENGTH_STEP) : steps;
    }

    private String refusal(MemoryPlan plan, Workload workload, Budget budget) {
        StringBuilder message = new StringBuilder();
        if (plan.deviceBytes() > budget.deviceBytes()) {
            message.append(over("memory.device-budget", budget.deviceBytes(), plan.deviceBytes(), plan.device()));
        } else {
            message.append(over("memory.host-budget", budget.hostBytes(), plan.hostBytes(), plan.host()));
        }
        message.append("; ");
        OptionalInt fewer =
                largest(workload.microBatch() - 1, count -> new Workload(count, workload.sequenceLength()), budget);
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
            message.append(
                    "no micro-batch and no sequence length would fit: choose a smaller model or a larger budget");
        }
        return message.toString();
    }

    private static String over(String key, long budget, long needed, Map<String, Long> owners) {
        String largest = owners.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return key + " = " + budget + " bytes, and a step needs " + needed + " (" + largest + ")";
    }

    /** The largest count from 1 to {@code most} whose workload fits; below a count that fits all counts do. */
    private OptionalInt largest(int most, IntFunction<Workload> workload, Budget budget) {
        int fitting = 0;
        int tooMany = most + 1;
        while (tooMany - fitting > 1) {
            int middle = fitting + (tooMany - fitting) / 2;
            if (plan(workload.apply(middle)).fits(budget)) {
                fitting = middle;
            } else {
                tooMany = middle;
            }
        }
        return fitting > 0 ? OptionalInt.of(fitting) : OptionalInt.empty();
    }
}
