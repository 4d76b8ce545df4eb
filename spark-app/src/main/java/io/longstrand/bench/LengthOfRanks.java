package io.longstrand.bench;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.plan.MemoryPlanner;
import io.longstrand.plan.Workload;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.train.TrainingMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The longest sequence of which a step fits by plan when every rank has the same device budget.
 *
 * @param backendName what would compute
 * @param vocabulary token ids
 */
record LengthOfRanks(String backendName, int vocabulary) {
    /** Lengths tried are multiples of it. */
    private static final int STEP = 64;

    /** @param settings {@code key=value}: model, budget and layout */
    int longest(List<String> settings) {
        List<String> all = new ArrayList<>(settings);
        all.add("data.sequence-length=" + STEP);
        all.add("train.micro-batch=1");
        TrainingMemory memory = new TrainingMemory(new ConfigurationLoader().load(Optional.empty(), all), vocabulary);
        try (Backend backend = new Backends().open(backendName, new BackendProvider.Options(1))) {
            MemoryPlanner planner = memory.planner(backend);
            MemoryPlan.Budget budget = memory.budget();
            return new LongestFit(STEP)
                    .search(length -> planner.plan(new Workload(1, length)).fits(budget));
        }
    }
}
