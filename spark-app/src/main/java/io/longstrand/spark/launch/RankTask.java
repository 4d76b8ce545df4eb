package io.longstrand.spark.launch;

import io.longstrand.spark.plugin.DriverLink;
import io.longstrand.spark.plugin.RankFailure;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.TaskContext;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.runtime.AbstractFunction1;

/** One barrier task: one rank. */
final class RankTask<R extends Serializable> extends AbstractFunction1<Iterator<Integer>, Iterator<RankResult<R>>>
        implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String launch;
    private final int world;
    private final int localThreads;
    private final RankWork<R> work;

    /** @param localThreads processors of each rank where all run in one JVM; 0: as many as the task has CPUs */
    RankTask(String launch, int world, int localThreads, RankWork<R> work) {
        this.launch = launch;
        this.world = world;
        this.localThreads = localThreads;
        this.work = work;
    }

    @Override
    public Iterator<RankResult<R>> apply(Iterator<Integer> ignored) {
        TaskContext task = TaskContext.get();
        int rank = task.partitionId();
        DriverLink driver = DriverLink.of(task, launch, rank);
        int threads = localThreads > 0 ? localThreads : task.cpus();
        try {
            RankResult<R> result = new RankResult<>(rank, work.run(new RankPlace(rank, world, threads, driver)));
            return JavaConverters.asScalaIterator(List.of(result).iterator());
        } catch (Throwable e) {
            driver.failed(RankFailure.of(rank, host(rank), e));
            throw new IllegalStateException("rank " + rank + " failed: " + e, e);
        }
    }

    /** This executor's host as Spark knows it, without the port. */
    private static String host(int rank) {
        String address = BarrierTaskContext.get().getTaskInfos()[rank].address();
        int port = address.lastIndexOf(':');
        return port < 0 ? address : address.substring(0, port);
    }
}
