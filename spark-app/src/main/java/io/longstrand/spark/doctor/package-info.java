/**
 * The check of a cluster: {@link io.longstrand.spark.doctor.ClusterDoctor} runs {@code doctor}'s check of a device on every
 * rank of a barrier stage like training's, and what the ranks do together between them. Reports come back as results of
 * the stage.
 */
package io.longstrand.spark.doctor;
