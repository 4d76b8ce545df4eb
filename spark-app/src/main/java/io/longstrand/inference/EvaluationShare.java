package io.longstrand.inference;

import io.longstrand.mesh.Coordinates;
import io.longstrand.mesh.Mesh;

/**
 * What one rank does of an evaluation that ranks share.
 *
 * @param mesh of all ranks
 * @param at where this one stands
 * @param gather tells the others its numbers
 */
public record EvaluationShare(Mesh mesh, Coordinates at, Gather gather) {
    /** Tells all ranks some numbers of this one. */
    @FunctionalInterface
    public interface Gather {
        /** Every rank's numbers, [ranks][own.length]; all ranks call it, with as many. */
        double[][] all(double... own);
    }

    /** Everything. */
    static EvaluationShare alone() {
        Mesh mesh = new Mesh(1, 1, 1, 1);
        return new EvaluationShare(mesh, mesh.coordinates(0), own -> new double[][] {own});
    }
}
