package io.longstrand.spark.launch;

import io.longstrand.comm.InMemory;
import io.longstrand.comm.World;
import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.storage.FileStore;
import io.longstrand.train.RankContext;
import io.longstrand.train.RankTraining;
import io.longstrand.train.TrainingOutcome;

/** Training as a rank's work. The configuration travels as its text: a configuration is not serialisable. */
record TrainingWork(String configuration, FileStore store) implements RankWork<TrainingOutcome> {
    TrainingWork(RunConfiguration configuration, FileStore store) {
        this(configuration.resolved(), store);
    }

    @Override
    public TrainingOutcome run(RankPlace place) {
        RunConfiguration loaded = new ConfigurationLoader().stored(configuration, "the driver's configuration");
        try (World world = InMemory.worlds(1, loaded.comm().operationTimeout()).get(0)) {
            return new RankTraining(loaded, new RankContext(world, place.threads(), store, place.driver())).run();
        }
    }
}
