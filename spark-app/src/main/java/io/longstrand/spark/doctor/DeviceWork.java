package io.longstrand.spark.doctor;

import io.longstrand.config.EnvironmentError;
import io.longstrand.doctor.DeviceCheck;
import io.longstrand.doctor.DeviceReport;
import io.longstrand.spark.launch.GpuPreflight;
import io.longstrand.spark.launch.RankPlace;
import io.longstrand.spark.launch.RankWork;
import io.longstrand.tensor.BackendProvider;
import org.apache.spark.SparkEnv;

/**
 * The check of a device as a rank's work. A backend that cannot run here is a finding, not a failure: the other ranks go
 * on, and all findings are told.
 *
 * @param backend by its name
 * @param brief whether shapes of training's size are left out
 * @param together whether ranks must be able to talk from device to device where training would
 */
record DeviceWork(String backend, boolean brief, boolean together) implements RankWork<RankReport> {
    @Override
    public String computesWith() {
        return together ? backend : RankWork.super.computesWith();
    }

    @Override
    public RankReport run(RankPlace place) {
        String host = SparkEnv.get().blockManager().blockManagerId().host();
        String executor = SparkEnv.get().executorId();
        BackendProvider.Options options = new BackendProvider.Options(place.threads(), place.device());
        double allReduce = 0;
        try {
            // First, while all ranks do nothing else.
            allReduce = new AllReduceRate(place.world(), backend, options).bytesPerSecond();
            new GpuPreflight(place).check(backend, place.gpu());
            DeviceReport report = DeviceCheck.of(backend, options, brief).run(new DeviceCheck.Listener() {});
            return new RankReport(place.rank(), host, executor, allReduce, report, "");
        } catch (EnvironmentError e) {
            return new RankReport(place.rank(), host, executor, allReduce, null, e.getMessage());
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            return new RankReport(place.rank(), host, executor, allReduce, null, e.toString());
        }
    }
}
