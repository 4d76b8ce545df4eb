package io.longstrand.train;

import io.longstrand.model.LossSum;

/**
 * What all ranks together found in a step.
 *
 * @param loss sums over the global batch
 * @param bases bases the labels stand for
 * @param pairs visible query–key pairs of one head
 * @param gradientSquares of the sums of gradients
 * @param answer the driver's to rank 0
 */
record StepTotals(LossSum loss, long bases, long pairs, double gradientSquares, StopAnswer answer) {}
