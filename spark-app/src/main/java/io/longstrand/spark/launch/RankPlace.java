package io.longstrand.spark.launch;

import io.longstrand.comm.World;
import io.longstrand.spark.plugin.DriverLink;

/**
 * Where a rank finds itself.
 *
 * @param world its membership among all ranks; closed when the work is over. Work that gives memory back closes it
 *     before: an operation in progress may still write there
 * @param threads processors it may use
 * @param device number of its GPU among those this process sees; 0 without one
 * @param gpu its GPU as Spark names it; empty when Spark gave it none
 * @param driver its way to the driver
 */
public record RankPlace(World world, int threads, int device, String gpu, DriverLink driver) {
    /** This rank's number, from 0. */
    public int rank() {
        return world.rank();
    }
}
