/**
 * Genomes to model input: sequence files become records, records become tokens, tokens become token shard files, and
 * windows of those are sampled for training. Also the splits, and the Markov baselines a model is measured against.
 * Imports {@code config}, {@code storage}; no Spark, no tensors. Data comes from FASTA and GenBank files and goes to
 * token shard files (by the Spark job in {@code spark.prepare}) and from those to {@code train} and {@code inference}.
 */
package io.longstrand.genome;
