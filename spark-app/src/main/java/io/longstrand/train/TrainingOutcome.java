package io.longstrand.train;

import io.longstrand.inference.Score;
import io.longstrand.metrics.MaskUse;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a training run ended; its JSON is what {@code train --json} prints.
 *
 * @param run the run directory
 * @param steps optimiser steps done since the run began, those before a resume included
 * @param trainingSeconds time spent in training steps by this attempt: without start, validation and checkpoints
 * @param stopped whether the run was interrupted before its last step
 * @param validation score of the whole held-out part; null when the run was stopped or holds nothing out
 * @param baselines held-out bits per base of the count models, by name
 * @param tokensPerSecond tokens trained on per second of training
 * @param samplesPerSecond windows trained on per second of training
 * @param modelGflops model GFLOP/s; see the formulas of the design
 * @param mfu model FLOP/s over the measured peak
 * @param hfu hardware FLOP/s over the measured peak
 * @param deviceBytes device memory
 * @param hostBytes host memory of the arenas
 * @param mask what attention masks took; validation included, unless it is read from the events of a run
 * @param residentSetPeak most bytes of the process ever resident, 0 where the system does not say
 * @param residentSetGrowth how far that is above what was resident before planned memory was taken: planned device and
 *     host bytes, and what the Java machine needs for itself on the way
 * @param checkpoint directory of the last checkpoint
 */
public record TrainingOutcome(
        String run,
        long steps,
        double trainingSeconds,
        boolean stopped,
        Score validation,
        Map<String, Double> baselines,
        double tokensPerSecond,
        double samplesPerSecond,
        double modelGflops,
        double mfu,
        double hfu,
        Bytes deviceBytes,
        Bytes hostBytes,
        MaskUse mask,
        long residentSetPeak,
        long residentSetGrowth,
        String checkpoint)
        implements Serializable {
    /**
     * Memory of one place.
     *
     * @param planned bytes reserved before the first step
     * @param peak most bytes in use at once
     */
    public record Bytes(long planned, long peak) implements Serializable {}

    public TrainingOutcome {
        // Keeps the order the baselines are listed in.
        baselines = Collections.unmodifiableMap(new LinkedHashMap<>(baselines));
    }
}
