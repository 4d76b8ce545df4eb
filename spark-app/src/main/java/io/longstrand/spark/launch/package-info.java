/**
 * Starts the ranks: opens Spark, checks that there are slots enough, runs one barrier task per rank and raises the
 * earliest failure. Work comes from the commands as a {@link io.longstrand.spark.launch.RankWork}; results go back to
 * them by rank. May import Spark, {@code spark.plugin}, {@code spark.prepare}, {@code train} and every room below it.
 */
package io.longstrand.spark.launch;
