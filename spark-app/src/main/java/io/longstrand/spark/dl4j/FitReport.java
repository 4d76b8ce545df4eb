package io.longstrand.spark.dl4j;

import java.io.Serializable;

/**
 * What a rank of a fit trained with and sent.
 *
 * @param rank its number
 * @param stateBytes of the updater's state that it trained with; what Spark keeps of handing it out is not counted
 * @param sentBytes of gradients, updates and scores that it sent the others
 */
public record FitReport(int rank, long stateBytes, long sentBytes) implements Serializable {}
