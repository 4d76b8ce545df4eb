package io.longstrand.spark.doctor;

import io.longstrand.config.CommSection;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.RunFailure;
import io.longstrand.spark.launch.RankLauncher;
import io.longstrand.spark.plugin.UnheardRanks;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;

/** Checks the devices of a cluster, all at once, in a barrier stage as training starts one. */
public final class ClusterDoctor {
    private final JavaSparkContext spark;
    private final RankLauncher launcher;
    private final RankLauncher overHosts;

    /** @param spark opened by {@link io.longstrand.spark.launch.SparkOpener} @param comm how ranks communicate */
    public ClusterDoctor(JavaSparkContext spark, CommSection comm) {
        this.spark = spark;
        launcher = new RankLauncher(spark, comm);
        overHosts = new RankLauncher(
                spark, new CommSection(CommSection.Transport.TCP, comm.operationTimeout(), comm.encryption()));
    }

    /**
     * Looks at every rank's device. Ranks that cannot work together on their devices are looked at once more, each by
     * itself, so that there is a row for each of them.
     *
     * @param backend that computes there
     * @param ranks how many; without a number one for every slot there is
     * @param brief whether shapes of training's size are left out
     * @param tell hears what is looked at
     * @throws io.longstrand.config.EnvironmentError when there are fewer slots than ranks, or two ranks have one GPU
     */
    public ClusterReport run(String backend, OptionalInt ranks, boolean brief, Consumer<String> tell) {
        int world = ranks.orElseGet(launcher::slots);
        tell.accept("looking at " + world + (world == 1 ? " rank" : " ranks") + " of "
                + spark.sc().master() + ", all at once; nothing is heard of them until the last is done");
        try {
            return new ClusterReport(launcher.launch(world, new DeviceWork(backend, brief, true), new UnheardRanks()));
        } catch (EnvironmentError | RunFailure apart) {
            tell.accept("looking again, at each rank by itself: " + apart.getMessage());
            return new ClusterReport(
                    overHosts.launch(world, new DeviceWork(backend, brief, false), new UnheardRanks()),
                    Optional.of(apart.getMessage()));
        }
    }
}
