package io.longstrand.zero;

import io.longstrand.comm.Communicator;
import io.longstrand.mesh.Slices;

/**
 * A range of the flat space of parameters, within one unit, that the ranks of one group share: gradients are summed over
 * them, and each owns one slice. Ranks that hold other parameters in the same place are in other groups.
 *
 * @param unit the unit it belongs to
 * @param start first element
 * @param end one past the last element
 * @param ranks the group
 */
public record Bucket(int unit, long start, long end, Communicator ranks) {
    /** Number of elements. */
    public long elements() {
        return end - start;
    }

    /** First element of this rank's slice. */
    public long ownStart() {
        return start + slices().from(ranks.rank());
    }

    /** Elements of this rank's slice. */
    public long ownElements() {
        return slices().length(ranks.rank());
    }

    /** Whether there is nobody to share it with. */
    boolean alone() {
        return ranks.size() == 1;
    }

    private Slices slices() {
        return new Slices(elements(), ranks.size());
    }
}
