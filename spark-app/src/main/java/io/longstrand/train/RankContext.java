package io.longstrand.train;

import io.longstrand.storage.FileStore;
import io.longstrand.storage.ScratchDisk;
import java.util.Objects;

/**
 * Where a training task finds itself.
 *
 * @param rank its number, from 0
 * @param world how many ranks train together
 * @param threads lanes its kernels may use
 * @param store reaches the run directory and the data
 * @param driver the way to the driver
 * @param disk of the machine it runs on
 */
public record RankContext(int rank, int world, int threads, FileStore store, Driver driver, ScratchDisk disk) {
    public RankContext {
        Objects.checkIndex(rank, world);
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads");
        }
        Objects.requireNonNull(store, "store");
        Objects.requireNonNull(driver, "driver");
        Objects.requireNonNull(disk, "disk");
    }

    /** On a machine with disks of its own. */
    public RankContext(int rank, int world, int threads, FileStore store, Driver driver) {
        this(rank, world, threads, store, driver, ScratchDisk.local());
    }
}
