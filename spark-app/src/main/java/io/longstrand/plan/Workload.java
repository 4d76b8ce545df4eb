package io.longstrand.plan;

/**
 * How much one micro-batch holds: what a user can make smaller when a step does not fit.
 *
 * @param microBatch sequences, {@code train.micro-batch}
 * @param sequenceLength tokens of each, {@code data.sequence-length}
 */
public record Workload(int microBatch, int sequenceLength) {}
