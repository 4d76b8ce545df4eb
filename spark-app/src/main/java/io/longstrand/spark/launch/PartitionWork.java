package io.longstrand.spark.launch;

import io.longstrand.comm.World;
import java.io.Serializable;
import java.util.Iterator;

/** What a rank does with its partition of an RDD; travels to it by Java serialisation. */
@FunctionalInterface
public interface PartitionWork<T, R extends Serializable> extends Serializable {
    /**
     * Does it.
     *
     * @param world the rank's membership among all ranks, closed when the work is over
     * @param partition the rank's, as it arrives
     * @throws Exception whatever made it fail; the driver hears of it with the rank's number and host
     */
    R run(World world, Iterator<T> partition) throws Exception;
}
