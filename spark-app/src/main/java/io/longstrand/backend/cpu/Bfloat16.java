package io.longstrand.backend.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * bfloat16 as stored, the upper half of a float. Widening is exact; narrowing goes to the nearest, ties to even, and a
 * NaN stays one. Plain integer arithmetic on any processor.
 */
final class Bfloat16 {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(INTS.vectorBitSize() / 2));
    /** Bytes of a vector of as many bfloat16 as {@link Floats} holds floats. */
    private static final int BYTES = Floats.WIDTH * Short.BYTES;
    /** Just under half of the last place kept; one more where that place is odd makes ties even. */
    private static final int BIAS = 0x7FFF;
    /** Keeps a NaN's mantissa from being cut to nothing. */
    private static final int QUIET = 0x40;

    private static final IntVector V_BIAS = IntVector.broadcast(INTS, BIAS);
    private static final IntVector V_QUIET = IntVector.broadcast(INTS, QUIET);
    private static final IntVector V_ONE = IntVector.broadcast(INTS, 1);

    private Bfloat16() {}

    /** The nearest bfloat16. */
    static short of(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> Short.SIZE | QUIET);
        }
        return (short) (bits + BIAS + (bits >>> Short.SIZE & 1) >>> Short.SIZE);
    }

    /** The float that a bfloat16 is. */
    static float toFloat(short value) {
        return Float.intBitsToFloat(value << Short.SIZE);
    }

    /** Writes adjacent bfloat16 as floats. */
    static void widen(ByteBuffer in, int inAt, ByteBuffer out, int outAt, int length) {
        int whole = Floats.whole(length);
        int from = inAt;
        int to = outAt;
        for (int i = 0; i < whole; i += Floats.WIDTH, from += BYTES, to += Floats.BYTES) {
            Floats.store(load(in, from), out, to);
        }
        for (int i = whole; i < length; i++, from += Short.BYTES, to += Float.BYTES) {
            out.putFloat(to, toFloat(in.getShort(from)));
        }
    }

    /** Writes adjacent floats as bfloat16. */
    static void narrow(ByteBuffer in, int inAt, ByteBuffer out, int outAt, int length) {
        int whole = Floats.whole(length);
        int from = inAt;
        int to = outAt;
        for (int i = 0; i < whole; i += Floats.WIDTH, from += Floats.BYTES, to += BYTES) {
            store(Floats.load(in, from), out, to);
        }
        for (int i = whole; i < length; i++, from += Float.BYTES, to += Short.BYTES) {
            out.putShort(to, of(in.getFloat(from)));
        }
    }

    // Sign extension is harmless: its bits leave at the top.
    private static FloatVector load(ByteBuffer in, int at) {
        return ((IntVector) ShortVector.fromByteBuffer(SHORTS, in, at, ByteOrder.LITTLE_ENDIAN)
                        .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, Short.SIZE)
                .reinterpretAsFloats();
    }

    private static void store(FloatVector values, ByteBuffer out, int at) {
        IntVector bits = values.reinterpretAsInts();
        IntVector upper = bits.lanewise(VectorOperators.LSHR, Short.SIZE);
        IntVector rounded = bits.add(V_BIAS).add(upper.and(V_ONE)).lanewise(VectorOperators.LSHR, Short.SIZE);
        VectorMask<Integer> nan = values.compare(VectorOperators.NE, values).cast(INTS);
        ((ShortVector) rounded.blend(upper.or(V_QUIET), nan).convertShape(VectorOperators.I2S, SHORTS, 0))
                .intoByteBuffer(out, at, ByteOrder.LITTLE_ENDIAN);
    }
}
