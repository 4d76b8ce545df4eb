package io.longstrand.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Lanes of a float vector as bits of a number, the first lane in the lowest. */
final class LaneMask {
    /** Every lane. */
    static final int ALL = -1 >>> Integer.SIZE - Floats.WIDTH;

    private static final IntVector PLACES = Floats.all(0f).reinterpretAsInts().addIndex(1);
    private static final IntVector BITS = PLACES.broadcast(1).lanewise(VectorOperators.LSHL, PLACES);

    private LaneMask() {}

    /** The first {@code count} lanes; none below 0, all beyond a vector. */
    static int first(int count) {
        if (count <= 0) {
            return 0;
        }
        return count >= Floats.WIDTH ? ALL : (1 << count) - 1;
    }

    /** The vector with {@code other} in the lanes that are not chosen. */
    static FloatVector keep(FloatVector vector, int lanes, FloatVector other) {
        VectorMask<Integer> chosen = BITS.broadcast(lanes).and(BITS).compare(VectorOperators.NE, 0);
        return other.blend(vector, chosen.cast(Floats.SPECIES));
    }
}
