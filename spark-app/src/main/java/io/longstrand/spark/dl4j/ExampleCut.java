package io.longstrand.spark.dl4j;

import io.longstrand.mesh.Slices;
import java.io.Serializable;
import java.util.Objects;

/**
 * Which examples a rank trains on in a step. Step after step takes the next {@code ranks × batch} examples in the order
 * of the RDD, and each rank a contiguous part of them; what is left for the last step is shared as equally as whole
 * examples allow.
 *
 * @param examples how many there are, at least one a rank
 * @param ranks how many share a step
 * @param batch examples of one rank in one step
 */
record ExampleCut(long examples, int ranks, int batch) implements Serializable {
    ExampleCut {
        if (batch < 1 || ranks < 1 || examples < ranks) {
            throw new IllegalArgumentException(
                    examples + " examples for " + ranks + " ranks, " + batch + " of each in a step");
        }
    }

    /** Number of steps. */
    long steps() {
        return (examples + global() - 1) / global();
    }

    /** Examples of all ranks in a step. */
    int together(long step) {
        Objects.checkIndex(step, steps());
        return (int) Math.min(global(), examples - step * global());
    }

    /** The first example of a rank in a step. */
    long from(long step, int rank) {
        return step * global() + new Slices(together(step), ranks).from(rank);
    }

    /** How many examples a rank has in a step; the last ranks may have none in the last one. */
    int length(long step, int rank) {
        return (int) new Slices(together(step), ranks).length(rank);
    }

    /** The rank that trains on an example. */
    int owner(long example) {
        long step = example / global();
        return new Slices(together(step), ranks).owner(example - step * global());
    }

    /** One past the last example that belongs to the same rank and step as this one. */
    long end(long example) {
        long step = example / global();
        int rank = owner(example);
        return from(step, rank) + length(step, rank);
    }

    private long global() {
        return (long) ranks * batch;
    }
}
