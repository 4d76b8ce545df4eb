package io.longstrand.metrics;

import java.io.Serializable;

/**
 * What a run computes on.
 *
 * @param processor model of the processor, or of the accelerator
 * @param threads compute threads of each rank
 * @param memoryBytes memory of the machine
 * @param java version of the JVM
 * @param backend the backend that computes
 * @param peakFlops measured peak of the whole world, FLOP/s, in the run's precision and thread count; 0: not measured
 */
public record Machine(String processor, int threads, long memoryBytes, String java, String backend, double peakFlops)
        implements Serializable {}
