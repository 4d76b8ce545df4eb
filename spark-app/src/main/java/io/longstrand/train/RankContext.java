package io.longstrand.train;

import java.util.Objects;

/**
 * Where a training task finds itself.
 *
 * @param rank its number, from 0
 * @param world how many ranks train together
 * @param threads lanes its kernels may use
 * @param driver the way to the driver
 */
public record RankContext(int rank, int world, int threads, Driver driver) {
    public RankContext {
        Objects.checkIndex(rank, world);
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads");
        }
        Objects.requireNonNull(driver, "driver");
    }
}
