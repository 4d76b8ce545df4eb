package io.longstrand.spark.prepare;

import io.longstrand.genome.sequence.SequenceSplit;
import io.longstrand.genome.sequence.SplitStart;
import java.io.Serializable;

/**
 * One task of the second pass: a split becomes a token shard.
 *
 * @param part its number; the shard's file names carry it
 * @param split what to read
 * @param start where that begins among the records
 */
record PartPlan(int part, SequenceSplit split, SplitStart start) implements Serializable {}
