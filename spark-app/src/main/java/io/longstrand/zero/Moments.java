package io.longstrand.zero;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;

/**
 * What AdamW remembers of each element.
 *
 * @param first FLOAT32
 * @param second FLOAT32
 */
public record Moments(StateVector first, StateVector second) {
    /** Owner of everything only the optimiser needs. */
    static final String OWNER = "optimizer state";

    /** Takes room for both, 8 bytes an element; the content is undefined. @param ownOnly this rank's slices alone */
    static Moments take(Arena arena, Partition partition, boolean ownOnly) {
        return new Moments(
                StateVector.take(arena, OWNER, DataType.FLOAT32, partition, ownOnly),
                StateVector.take(arena, OWNER, DataType.FLOAT32, partition, ownOnly));
    }

    /** This rank's slices, in the same memory. */
    public Moments own() {
        return new Moments(first.own(), second.own());
    }
}
