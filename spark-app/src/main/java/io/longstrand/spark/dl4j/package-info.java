/**
 * Beside Deeplearning4j: {@link io.longstrand.spark.dl4j.ZeroTrainingMaster} takes the place of DL4J's parameter
 * averaging. Users of {@code SparkDl4jMultiLayer} and {@code SparkComputationGraph} hand it their network and an RDD of
 * examples; the ranks of one barrier stage train it together, each with a slice of the updater's state, and the network
 * comes back trained.
 *
 * <p>Which examples belong to which step is arithmetic ({@link io.longstrand.spark.dl4j.ExampleCut}), which stretch of
 * the updater's state belongs to which rank too ({@link io.longstrand.spark.dl4j.StateLayout}); a step itself is DL4J's
 * own, but for the updater ({@link io.longstrand.spark.dl4j.ShardedUpdate}). May import Spark, ND4J, Deeplearning4j,
 * {@code spark.launch}, {@code comm} and every room below it.
 */
package io.longstrand.spark.dl4j;
