package io.longstrand.spark.launch;

import io.longstrand.comm.World;
import io.longstrand.spark.plugin.RankFailure;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.runtime.AbstractFunction1;

/** One barrier task: one rank and its partition. */
final class PartitionTask<T, R extends Serializable> extends AbstractFunction1<Iterator<T>, Iterator<byte[]>>
        implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Rendezvous rendezvous;
    private final PartitionWork<T, R> work;

    PartitionTask(Rendezvous rendezvous, PartitionWork<T, R> work) {
        this.rendezvous = rendezvous;
        this.work = work;
    }

    @Override
    public Iterator<byte[]> apply(Iterator<T> partition) {
        BarrierTaskContext task = BarrierTaskContext.get();
        int rank = task.partitionId();
        String host = Rendezvous.host(task);
        R value;
        try (World world = joined(task, rank, host)) {
            value = worked(world, partition, host);
        }
        // Whatever serialiser the application chose for its data, results are written by Java's.
        byte[] result = Results.write(new RankResult<>(rank, value));
        return JavaConverters.asScalaIterator(List.of(result).iterator());
    }

    private World joined(BarrierTaskContext task, int rank, String host) {
        try {
            return rendezvous.join(task, "", "", Gpu.NONE);
        } catch (RuntimeException e) {
            throw new PartitionFailure(RankFailure.of(rank, host, e), e);
        }
    }

    private R worked(World world, Iterator<T> partition, String host) {
        try {
            return work.run(world, JavaConverters.asJavaIterator(partition));
        } catch (Throwable e) {
            // When it failed counts before connections, some of them broken, are closed: that takes its time.
            throw new PartitionFailure(RankFailure.of(world.rank(), host, e), e);
        }
    }
}
