package io.longstrand.attention;

import io.longstrand.mesh.Positions;

/** Makes the patterns of sequences. */
@FunctionalInterface
interface MaskPatterns extends AutoCloseable {
    /**
     * What queries at some positions see of keys at some.
     *
     * @param documentStart of each real token of the sequence
     */
    MaskPattern of(int[] documentStart, Positions queries, Positions keys);

    /** Gives back what patterns are made from. */
    @Override
    default void close() {}
}
