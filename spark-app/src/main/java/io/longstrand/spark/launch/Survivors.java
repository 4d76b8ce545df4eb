package io.longstrand.spark.launch;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.ParallelSection;
import io.longstrand.config.RunConfiguration;
import java.util.List;
import org.apache.spark.SparkContext;

/** What a failed run goes on with: all its ranks when executors come back, otherwise those that are left. */
final class Survivors {
    private final SparkContext spark;

    Survivors(SparkContext spark) {
        this.spark = spark;
    }

    /**
     * Waits for executors to come back.
     *
     * @return the run's own layout; or, where it is elastic and too few come back, one with fewer data-parallel groups and
     *     the same windows in each step
     * @throws EnvironmentError when too few are left
     */
    RunConfiguration layout(RunConfiguration configuration) {
        ParallelSection parallel = configuration.parallel();
        Slots slots = new Slots(spark);
        int left = slots.await(parallel.world());
        if (left == parallel.world() || !parallel.elastic()) {
            slots.require(parallel.world());
            return configuration;
        }
        int group = parallel.world() / parallel.data();
        int microBatches =
                Math.multiplyExact(parallel.data(), configuration.train().accumulation());
        for (int data = left / group; data >= 1; data--) {
            if (microBatches % data == 0) {
                return new ConfigurationLoader()
                        .resumed(
                                configuration.resolved(),
                                "the driver's configuration",
                                List.of("parallel.data=" + data));
            }
        }
        throw new EnvironmentError("of " + parallel.world() + " slots " + left
                + " are left, and one data-parallel group" + " needs " + group);
    }
}
