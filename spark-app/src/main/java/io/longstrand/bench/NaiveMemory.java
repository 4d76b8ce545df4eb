package io.longstrand.bench;

import io.longstrand.model.ModelShape;
import io.longstrand.model.ParameterLayout;

/**
 * Closed form of what a step with naive attention holds on the device in float32, for one sequence of s tokens, Ψ
 * parameters, L layers of width h with a heads:
 *
 * <pre>
 *   16·Ψ                          parameters, gradients and two moments
 * + 4·(1 + 2a)·L·s²               a mask, and scores and probabilities of every head, for each layer
 * + 4·L·(10h + a)·s               what a block keeps: input, queries, keys, values, heads' output, middle and the 4
 *                                 times wider rows of the MLP; log-sum-exps
 * + 4·6h·s                        the stream's gradient, and of the MLP's backward pass the normed rows and the wide
 *                                 activations
 * </pre>
 *
 * Tables, the batch itself and the kernels' scratch are left out: together some percent.
 *
 * @param shape with the MLP 4 times as wide as the stream, and as many key heads as query heads
 */
record NaiveMemory(ModelShape shape) {
    private static final double BYTES = 4;

    /** Bytes of a step. */
    double bytes(double length) {
        return constant() + linear() * length + quadratic() * length * length;
    }

    /** The length at which a step needs exactly so many bytes; 0 when the state alone needs more. */
    double longestSequence(double budget) {
        double left = budget - constant();
        if (left <= 0) {
            return 0;
        }
        // a·s² + b·s = left, solved without subtracting numbers that are nearly equal.
        return 2 * left / (linear() + Math.sqrt(linear() * linear() + 4 * quadratic() * left));
    }

    private double constant() {
        return 4 * BYTES * new ParameterLayout(shape).elements();
    }

    private double linear() {
        double kept = shape.layers() * (10.0 * shape.hidden() + shape.heads());
        return BYTES * (kept + 6.0 * shape.hidden());
    }

    private double quadratic() {
        return BYTES * (1 + 2.0 * shape.heads()) * shape.layers();
    }
}
