package io.longstrand.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * 2^x in float32 as softmax needs it, within 2e-7 relative for −100 ≤ x ≤ 127: x = n + r with n whole and |r| ≤ 1/2,
 * then 2^n by adding n to the exponent field and 2^r by the minimax polynomial of degree 5 (relative error 8e-8 before
 * rounding, found by the Remez exchange). Below −100 the result is of the order of 2^−100: nothing beside a sum of at
 * least one, and no denormal number that would slow the products down.
 *
 * <p>Softmax in powers of two needs one product less than in powers of e, because the scale of the scores takes log₂ e
 * in (Dao 2023). n is held by one integer maximum where a float one takes several instructions.
 */
final class PowerOfTwo {
    /** log₂ e. */
    static final float LOG2_E = 1.44269504f;

    private static final float ROUNDER = 0x1.8p23f;
    private static final int LOWEST = -100;
    private static final int EXPONENT_SHIFT = 23;
    private static final float C5 = 0.0013276472f;
    private static final float C4 = 0.009675541f;
    private static final float C3 = 0.05550713f;
    private static final float C2 = 0.2402212f;
    private static final float C1 = 0.69314694f;
    private static final float C0 = 1.0000001f;

    private static final FloatVector V_ROUNDER = Floats.all(ROUNDER);
    private static final IntVector V_LOWEST =
            Floats.all(ROUNDER).reinterpretAsInts().add(LOWEST);
    private static final FloatVector V_C5 = Floats.all(C5);
    private static final FloatVector V_C4 = Floats.all(C4);
    private static final FloatVector V_C3 = Floats.all(C3);
    private static final FloatVector V_C2 = Floats.all(C2);
    private static final FloatVector V_C1 = Floats.all(C1);
    private static final FloatVector V_C0 = Floats.all(C0);

    private PowerOfTwo() {}

    /** 2^x, lane by lane. */
    static FloatVector of(FloatVector x) {
        FloatVector shifted = x.add(V_ROUNDER); // n in its lowest bits
        FloatVector r = x.sub(shifted.sub(V_ROUNDER));
        FloatVector p = r.fma(V_C5, V_C4).fma(r, V_C3).fma(r, V_C2).fma(r, V_C1).fma(r, V_C0);
        IntVector power = shifted.reinterpretAsInts()
                .lanewise(VectorOperators.MAX, V_LOWEST)
                .lanewise(VectorOperators.LSHL, EXPONENT_SHIFT);
        return p.reinterpretAsInts().add(power).reinterpretAsFloats();
    }

    /** 2^x, the same bits as a lane gives. */
    static float of(float x) {
        float shifted = x + ROUNDER;
        float r = x - (shifted - ROUNDER);
        float p = Math.fma(r, C5, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r, C1);
        p = Math.fma(p, r, C0);
        int power = Math.max(Float.floatToRawIntBits(shifted), Float.floatToRawIntBits(ROUNDER) + LOWEST);
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (power << EXPONENT_SHIFT));
    }
}
