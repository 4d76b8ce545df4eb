/**
 * Genome files to token shard files, as Spark jobs over splits: one pass counts and checks, a second encodes. Imports
 * {@code config}, {@code storage}, {@code genome} and Spark. Data comes from the inputs a configuration names and goes
 * to a data directory that appears complete or not at all.
 */
package io.longstrand.spark.prepare;
