package io.longstrand.backend.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
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

    /** The upper half of a word, which is the odd element of two. */
    private static final int UPPER = 0xFFFF_0000;

    private static final IntVector V_BIAS = IntVector.broadcast(INTS, BIAS);
    private static final IntVector V_ONE = IntVector.broadcast(INTS, 1);
    private static final IntVector V_QUIET = IntVector.broadcast(INTS, QUIET << Short.SIZE);
    /** A float's bits without the sign: a NaN's are more than infinity's. */
    private static final IntVector V_MAGNITUDE = IntVector.broadcast(INTS, 0x7FFF_FFFF);

    private static final IntVector V_INFINITE = IntVector.broadcast(INTS, 0x7F80_0000);

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
    static void widenLoop(ByteBuffer in, int inAt, ByteBuffer out, int outAt, int length) {
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
    static void narrowLoop(ByteBuffer in, int inAt, ByteBuffer out, int outAt, int length) {
        int whole = Floats.whole(length);
        int from = inAt;
        int to = outAt;
        for (int i = 0; i < whole; i += Floats.WIDTH, from += Floats.BYTES, to += BYTES) {
            store(nearest(Floats.load(in, from).reinterpretAsInts()), out, to);
        }
        for (int i = whole; i < length; i++, from += Float.BYTES, to += Short.BYTES) {
            out.putShort(to, of(in.getFloat(from)));
        }
    }

    /** As {@link #rounded}, but a NaN stays one: it is not rounded, and made quiet. Without masks, which cost more. */
    private static IntVector nearest(IntVector bits) {
        IntVector nan = V_INFINITE.sub(bits.and(V_MAGNITUDE)).lanewise(VectorOperators.ASHR, Integer.SIZE - 1);
        IntVector step =
                bits.lanewise(VectorOperators.LSHR, Short.SIZE).and(V_ONE).add(V_BIAS);
        return bits.add(step.lanewise(VectorOperators.AND_NOT, nan)).or(nan.and(V_QUIET));
    }

    // Sign extension is harmless: its bits leave at the top.
    private static FloatVector load(ByteBuffer in, int at) {
        return ((IntVector) ShortVector.fromByteBuffer(SHORTS, in, at, ByteOrder.LITTLE_ENDIAN)
                        .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, Short.SIZE)
                .reinterpretAsFloats();
    }

    /** {@code out = left + right} over adjacent bfloat16. */
    static void addLoop(
            ByteBuffer left, int leftAt, ByteBuffer right, int rightAt, ByteBuffer out, int outAt, int length) {
        // No care for NaN: the sum's is one of the summands' or the processor's own, whose lower halves are zero.
        IntVector bias = IntVector.broadcast(INTS, BIAS);
        IntVector one = IntVector.broadcast(INTS, 1);
        IntVector upper = IntVector.broadcast(INTS, UPPER);
        int whole = Floats.whole(length / 2) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            IntVector x = pairs(left, leftAt + i);
            IntVector y = pairs(right, rightAt + i);
            IntVector even = bits(even(x).add(even(y)), bias, one);
            IntVector odd = bits(odd(x, upper).add(odd(y, upper)), bias, one);
            paired(even, odd, upper).intoByteBuffer(out, outAt + i, ByteOrder.LITTLE_ENDIAN);
        }
        for (int i = whole; i < length * Short.BYTES; i += Short.BYTES) {
            out.putShort(outAt + i, of(toFloat(left.getShort(leftAt + i)) + toFloat(right.getShort(rightAt + i))));
        }
    }

    private static IntVector pairs(ByteBuffer in, int at) {
        return IntVector.fromByteBuffer(INTS, in, at, ByteOrder.LITTLE_ENDIAN);
    }

    private static FloatVector even(IntVector pairs) {
        return pairs.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
    }

    private static FloatVector odd(IntVector pairs, IntVector upper) {
        return pairs.and(upper).reinterpretAsFloats();
    }

    private static IntVector paired(IntVector even, IntVector odd, IntVector upper) {
        return even.lanewise(VectorOperators.LSHR, Short.SIZE).or(odd.and(upper));
    }

    private static IntVector bits(FloatVector values, IntVector bias, IntVector one) {
        return rounded(values.reinterpretAsInts(), bias, one);
    }

    /** Makes the upper halves those of the nearest; the lower ones are what is left over. */
    private static IntVector rounded(IntVector bits, IntVector bias, IntVector one) {
        IntVector odd = bits.lanewise(VectorOperators.LSHR, Short.SIZE).and(one);
        return bits.add(bias).add(odd);
    }

    private static void store(IntVector upperHalves, ByteBuffer out, int at) {
        IntVector shorts = upperHalves.lanewise(VectorOperators.LSHR, Short.SIZE);
        ((ShortVector) shorts.convertShape(VectorOperators.I2S, SHORTS, 0))
                .intoByteBuffer(out, at, ByteOrder.LITTLE_ENDIAN);
    }
}
