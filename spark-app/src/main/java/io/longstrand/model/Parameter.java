package io.longstrand.model;

/**
 * One learned matrix or vector.
 *
 * @param name logical name, stable across layouts and checkpoints, e.g. {@code block.3.attention.output.weight}
 * @param unit the unit it is gathered and reduced with; see {@link ParameterLayout}
 * @param rows rows; matrices are stored (in, out), vectors have one row
 * @param columns columns
 * @param offset first element in the flat space of all parameters, a multiple of 32
 * @param decays whether weight decay applies: matrices and embeddings, not norms and biases
 * @param initial how it starts
 */
public record Parameter(String name, int unit, long rows, long columns, long offset, boolean decays, Initial initial) {

    /** How a parameter starts. */
    public sealed interface Initial {
        /** Every element the same. */
        record Constant(float value) implements Initial {}

        /** Normal with mean 0. */
        record Normal(double deviation) implements Initial {}
    }

    /** Number of elements. */
    public long elements() {
        return rows * columns;
    }
}
