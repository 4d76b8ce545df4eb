/**
 * Messages between ranks and the driver over Spark's own authenticated RPC: heartbeats with the stop answer back, run
 * events, the failure of a rank. The same in local mode and on a cluster. Ranks speak through {@link
 * io.longstrand.spark.plugin.DriverLink}; the driver listens by registering a {@link
 * io.longstrand.spark.plugin.RankListener}. May import Spark, {@code config}, {@code metrics} and {@code train}, whose {@link
 * io.longstrand.train.Driver} it is.
 */
package io.longstrand.spark.plugin;
