package io.longstrand.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * bfloat16 as stored, the upper half of a float. Widening is exact; narrowing goes to the nearest, ties to even, and a
 * NaN stays one. Plain integer arithmetic on any processor.
 */
final class Bfloat16 {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    /** Bytes of a vector of as many bfloat16 as {@link Floats} holds floats. */
    private static final int BYTES = Floats.WIDTH * Short.BYTES;
    /** Just under half of the last place kept; one more where that place is odd makes ties even. */
    private static final int BIAS = 0x7FFF;
    /** Keeps a NaN's mantissa from being cut to nothing. */
    private static final int QUIET = 0x40;

    /** A float's bits without the sign: a NaN's are more than infinity's. */
    private static final int MAGNITUDE = 0x7FFF_FFFF;

    private static final int INFINITE = 0x7F80_0000;

    /** The upper half of a word, which is the odd element of two. */
    private static final int UPPER = 0xFFFF_0000;

    private static final IntVector V_BIAS = IntVector.broadcast(INTS, BIAS);
    private static final IntVector V_ONE = IntVector.broadcast(INTS, 1);
    private static final IntVector V_UPPER = IntVector.broadcast(INTS, UPPER);

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
    static void widenLoop(long in, long out, int length) {
        int whole = Floats.whole(length);
        long from = in;
        long to = out;
        for (int i = 0; i < whole; i += Floats.WIDTH, from += BYTES, to += Floats.BYTES) {
            Floats.store(load(from), to);
        }
        for (int i = whole; i < length; i++, from += Short.BYTES, to += Float.BYTES) {
            Native.putFloat(to, toFloat(Native.getShort(from)));
        }
    }

    /** Writes adjacent floats as bfloat16. */
    static void narrow(long in, long out, int length) {
        // Rarely is there a NaN, and care for it among vectors takes half of the time.
        if (narrowLoop(in, out, length) > INFINITE) {
            narrowOneByOneLoop(in, out, 0, length);
        }
    }

    private static void narrowOneByOneLoop(long in, long out, int from, int to) {
        for (int i = from; i < to; i++) {
            Native.putShort(out + (long) i * Short.BYTES, of(Native.getFloat(in + (long) i * Float.BYTES)));
        }
    }

    /** Without care for NaN in vectors. @return the largest magnitude's bits there: a NaN's are more than infinity's */
    private static int narrowLoop(long in, long out, int length) {
        IntVector bias = IntVector.broadcast(INTS, BIAS);
        IntVector one = IntVector.broadcast(INTS, 1);
        IntVector magnitude = IntVector.broadcast(INTS, MAGNITUDE);
        IntVector largest0 = IntVector.zero(INTS);
        IntVector largest1 = largest0;
        int whole = Floats.whole(length / 2) * 2;
        long from = in;
        long to = out;
        for (int i = 0; i < whole; i += 2 * Floats.WIDTH, from += 2 * Floats.BYTES, to += 2 * BYTES) {
            IntVector bits0 = Floats.load(from).reinterpretAsInts();
            IntVector bits1 = Floats.load(from + Floats.BYTES).reinterpretAsInts();
            largest0 = largest0.max(bits0.and(magnitude));
            largest1 = largest1.max(bits1.and(magnitude));
            store(rounded(bits0, bias, one), to);
            store(rounded(bits1, bias, one), to + BYTES);
        }
        narrowOneByOneLoop(in, out, whole, length);
        return largest0.max(largest1).reduceLanes(VectorOperators.MAX);
    }

    /** As many bfloat16 as {@link Floats} holds floats. */
    // Sign extension is harmless: its bits leave at the top.
    static FloatVector load(long in) {
        return ((IntVector) Native.shorts(in).convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, Short.SIZE)
                .reinterpretAsFloats();
    }

    /** {@code out = left + right} over adjacent bfloat16. */
    static void addLoop(long left, long right, long out, int length) {
        // No care for NaN: the sum's is one of the summands' or the processor's own, whose lower halves are zero.
        IntVector bias = IntVector.broadcast(INTS, BIAS);
        IntVector one = IntVector.broadcast(INTS, 1);
        IntVector upper = IntVector.broadcast(INTS, UPPER);
        int whole = Floats.whole(length / 2) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            IntVector x = pairs(left + i);
            IntVector y = pairs(right + i);
            IntVector even = bits(even(x).add(even(y)), bias, one);
            IntVector odd = bits(odd(x, upper).add(odd(y, upper)), bias, one);
            Floats.store(paired(even, odd, upper).reinterpretAsFloats(), out + i);
        }
        for (int i = whole; i < length * Short.BYTES; i += Short.BYTES) {
            Native.putShort(out + i, of(toFloat(Native.getShort(left + i)) + toFloat(Native.getShort(right + i))));
        }
    }

    /** The odd elements of what {@link #pairs} has read. */
    static FloatVector odd(IntVector pairs) {
        return odd(pairs, V_UPPER);
    }

    /** Twice as many bfloat16 as {@link Floats} holds floats, two in each lane. */
    static IntVector pairs(long in) {
        return Floats.load(in).reinterpretAsInts();
    }

    /** The even elements of what {@link #pairs} has read. */
    static FloatVector even(IntVector pairs) {
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

    /**
     * Rounds a vector and writes it. There is no care for NaN: it is for what was computed of bfloat16, of which NaN have
     * nothing in their lower halves.
     */
    static void storeNearest(FloatVector values, long out) {
        store(rounded(values.reinterpretAsInts(), V_BIAS, V_ONE), out);
    }

    private static void store(IntVector upperHalves, long out) {
        IntVector shorts = upperHalves.lanewise(VectorOperators.LSHR, Short.SIZE);
        Native.put((ShortVector) shorts.convertShape(VectorOperators.I2S, Native.SHORTS, 0), out);
    }
}
