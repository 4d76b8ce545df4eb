package io.longstrand.spark.dl4j;

import java.io.Serializable;

/**
 * What a rank of a training held and sent.
 *
 * @param rank its number
 * @param stateBytes of the updater's state that it held
 * @param sentBytes of gradients, updates and scores that it sent the others
 */
public record RankReport(int rank, long stateBytes, long sentBytes) implements Serializable {}
