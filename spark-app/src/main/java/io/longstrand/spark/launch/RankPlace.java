package io.longstrand.spark.launch;

import io.longstrand.spark.plugin.DriverLink;

/**
 * Where a rank finds itself.
 *
 * @param rank its number, from 0
 * @param world how many ranks there are
 * @param threads processors it may use
 * @param driver its way to the driver
 */
public record RankPlace(int rank, int world, int threads, DriverLink driver) {}
