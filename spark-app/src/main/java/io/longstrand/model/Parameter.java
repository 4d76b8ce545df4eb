package io.longstrand.model;

import io.longstrand.mesh.Axis;
import java.util.Set;

/**
 * One learned matrix or vector, as far as this rank holds it.
 *
 * @param name logical name, stable across layouts and checkpoints, e.g. {@code block.3.attention.output.weight}
 * @param unit the unit it is gathered and reduced with; see {@link ParameterLayout}
 * @param share what this rank holds of it; matrices are stored (in, out), vectors have one row
 * @param splitOver ranks that differ along these axes hold other elements; along all others, the same
 * @param offset first element in the flat space of all parameters, a multiple of 32
 * @param decays whether weight decay applies: matrices and embeddings, not norms and biases
 * @param initial how it starts
 */
public record Parameter(
        String name, int unit, MatrixShare share, Set<Axis> splitOver, long offset, boolean decays, Initial initial) {

    /** How a parameter starts. */
    public sealed interface Initial {
        /** Every element the same. */
        record Constant(float value) implements Initial {}

        /** Normal with mean 0. */
        record Normal(double deviation) implements Initial {}
    }

    public Parameter {
        splitOver = Set.copyOf(splitOver);
    }

    /** A parameter this rank holds as a whole. */
    public Parameter(String name, int unit, long rows, long columns, long offset, boolean decays, Initial initial) {
        this(name, unit, MatrixShare.whole(rows, columns), Set.of(), offset, decays, initial);
    }

    /** Rows this rank holds. */
    public long rows() {
        return share.rows();
    }

    /** Columns this rank holds. */
    public long columns() {
        return share.columns();
    }

    /** Number of elements this rank holds. */
    public long elements() {
        return share.elements();
    }
}
