package io.longstrand.train;

import io.longstrand.config.MemorySection;
import io.longstrand.config.RunConfiguration;
import io.longstrand.plan.MemoryPlan.Budget;
import io.longstrand.plan.cluster.ClusterProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A configuration with settings on top, its memory budgets those of a cluster where it does not say.
 *
 * @param variants the configuration with settings on top
 * @param cluster it is planned for
 */
public record ClusterVariants(Function<List<String>, RunConfiguration> variants, ClusterProfile cluster)
        implements Function<List<String>, RunConfiguration> {
    @Override
    public RunConfiguration apply(List<String> more) {
        MemorySection memory = variants.apply(more).memory();
        Budget budget = cluster.budget();
        List<String> all = new ArrayList<>(more);
        if (memory.deviceBudget().isEmpty()) {
            all.add("memory.device-budget=" + budget.deviceBytes());
        }
        if (memory.hostBudget().isEmpty()) {
            all.add("memory.host-budget=" + budget.hostBytes());
        }
        return variants.apply(all);
    }
}
