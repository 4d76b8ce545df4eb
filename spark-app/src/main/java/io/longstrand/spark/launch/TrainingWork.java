package io.longstrand.spark.launch;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.storage.FileStore;
import io.longstrand.storage.ScratchDisk;
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
        RunConfiguration settings = loaded();
        new GpuPreflight(place).check(settings.backend().text(), place.gpu());
        return new RankTraining(
                        settings,
                        new RankContext(
                                place.world(),
                                place.threads(),
                                place.device(),
                                store,
                                place.driver(),
                                ScratchDisk.local()))
                .run();
    }

    @Override
    public String computesWith() {
        return loaded().backend().text();
    }

    @Override
    public String settings() {
        return loaded().resolved();
    }

    private RunConfiguration loaded() {
        return new ConfigurationLoader().stored(configuration, "the driver's configuration");
    }
}
