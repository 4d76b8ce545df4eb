package io.longstrand.spark.launch;

import io.longstrand.comm.World;
import io.longstrand.spark.plugin.DriverLink;
import io.longstrand.spark.plugin.RankFailure;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.runtime.AbstractFunction1;

/** One barrier task: one rank. */
final class RankTask<R extends Serializable> extends AbstractFunction1<Iterator<Integer>, Iterator<RankResult<R>>>
        implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String launch;
    private final Rendezvous rendezvous;
    private final int localThreads;
    private final RankWork<R> work;

    /** @param localThreads processors of each rank where all run in one JVM; 0: as many as the task has CPUs */
    RankTask(String launch, Rendezvous rendezvous, int localThreads, RankWork<R> work) {
        this.launch = launch;
        this.rendezvous = rendezvous;
        this.localThreads = localThreads;
        this.work = work;
    }

    @Override
    public Iterator<RankResult<R>> apply(Iterator<Integer> ignored) {
        BarrierTaskContext task = BarrierTaskContext.get();
        int rank = task.partitionId();
        String host = Rendezvous.host(task);
        DriverLink driver = DriverLink.of(task, launch, rank);
        driver.placed(SparkEnv.get().executorId(), host);
        int threads = localThreads > 0 ? localThreads : task.cpus();
        R value;
        Gpu gpu = orTold(driver, rank, host, () -> Gpu.of(task));
        try (World world =
                orTold(driver, rank, host, () -> rendezvous.join(task, work.settings(), work.computesWith(), gpu))) {
            value = orTold(
                    driver,
                    rank,
                    host,
                    () -> work.run(new RankPlace(world, threads, gpu.device(), gpu.address(), driver)));
        }
        driver.left();
        return JavaConverters.asScalaIterator(
                List.of(new RankResult<>(rank, value)).iterator());
    }

    /** Tells the driver of a failure at once: to close connections, some of them broken, takes its time. */
    private static <T> T orTold(DriverLink driver, int rank, String host, Callable<T> part) {
        try {
            return part.call();
        } catch (Throwable e) {
            driver.failed(RankFailure.of(rank, host, e));
            throw new IllegalStateException("rank " + rank + " failed: " + e, e);
        }
    }
}
