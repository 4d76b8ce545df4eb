/**
 * Bases to tokens to token shard files. Holds the tokenisers, the writer and reader of Megatron-LM indexed datasets, and
 * the manifest that says which record, strand and phase lies where. May import {@code config}, {@code storage} and the
 * other sub-packages of {@code genome}. Letters come from the readers of genome files by way of {@code spark.prepare};
 * tokens go to {@code genome.sample}, {@code genome.baseline} and {@code inference}.
 */
package io.longstrand.genome.token;
