package io.longstrand.train;

import io.longstrand.comm.World;
import io.longstrand.storage.FileStore;
import io.longstrand.storage.ScratchDisk;
import java.util.Objects;

/**
 * Where a training task finds itself.
 *
 * @param world its membership among the ranks that train together; closed by whoever opened it
 * @param threads lanes its kernels may use
 * @param device number of its GPU among those its process sees; 0 without one
 * @param store reaches the run directory and the data
 * @param driver the way to the driver
 * @param disk of the machine it runs on
 */
public record RankContext(World world, int threads, int device, FileStore store, Driver driver, ScratchDisk disk) {
    public RankContext {
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads");
        }
        Objects.requireNonNull(world, "world");
        Objects.requireNonNull(store, "store");
        Objects.requireNonNull(driver, "driver");
        Objects.requireNonNull(disk, "disk");
    }

    /** With the first GPU, if any. */
    public RankContext(World world, int threads, FileStore store, Driver driver, ScratchDisk disk) {
        this(world, threads, 0, store, driver, disk);
    }

    /** On a machine with disks of its own. */
    public RankContext(World world, int threads, FileStore store, Driver driver) {
        this(world, threads, store, driver, ScratchDisk.local());
    }

    /** This rank's number, from 0. */
    public int rank() {
        return world.rank();
    }
}
