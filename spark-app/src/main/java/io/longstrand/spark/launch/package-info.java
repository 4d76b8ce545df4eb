/**
 * Starts the ranks: opens Spark, checks that there are slots enough, runs one barrier task per rank and raises the
 * earliest failure. Work comes from the commands as a {@link io.longstrand.spark.launch.RankWork}; results go back to
 * them by rank.
 */
package io.longstrand.spark.launch;
