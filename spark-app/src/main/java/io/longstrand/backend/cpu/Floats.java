package io.longstrand.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The float vectors of this machine and how they are read from and written to memory. */
final class Floats {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /** Floats in a vector. */
    static final int WIDTH = SPECIES.length();
    /** Bytes of a vector. */
    static final int BYTES = WIDTH * Float.BYTES;

    private Floats() {}

    static FloatVector load(long address) {
        return Native.floats(address);
    }

    static void store(FloatVector vector, long address) {
        Native.put(vector, address);
    }

    /** The number of elements that fill whole vectors. */
    static int whole(int elements) {
        return elements & -WIDTH;
    }

    static FloatVector all(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    /** The sum of a vector's elements, in an order that depends on its width alone. */
    static float sum(FloatVector vector) {
        return vector.reduceLanes(VectorOperators.ADD);
    }

    /** Elementwise maximum; a NaN on the right is passed over. Two instructions, where the built-in takes six. */
    static FloatVector larger(FloatVector left, FloatVector right) {
        return left.blend(right, right.compare(VectorOperators.GT, left));
    }
}
