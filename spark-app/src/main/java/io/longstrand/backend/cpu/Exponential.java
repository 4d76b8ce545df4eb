package io.longstrand.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * e^x in float32, within 1e-7 + 3e-9·|x| relative: x = n·ln 2 + r with n whole and |r| ≤ ln 2 / 2, then 2^n by adding n to the
 * exponent field and e^r by the minimax polynomial of degree 6 (relative error 2e-9 before rounding, found by the Remez
 * exchange). Arguments are held to [−87.3, 88.3], so that the result is always a normal number.
 *
 * <p>n is found without a conversion: adding 1.5·2²³ leaves the nearest whole number in the lowest bits.
 */
final class Exponential {
    private static final float LOWEST = -87.3f;
    private static final float HIGHEST = 88.3f;
    private static final float LOG2_E = 1.44269504f;
    private static final float ROUNDER = 0x1.8p23f;
    private static final float MINUS_LN_2 = -0.69314718f;
    private static final int EXPONENT_SHIFT = 23;
    private static final float C6 = 0.0013836795f;
    private static final float C5 = 0.008374857f;
    private static final float C4 = 0.04166823f;
    private static final float C3 = 0.1666642f;
    private static final float C2 = 0.4999999f;

    private static final FloatVector V_LOWEST = Floats.all(LOWEST);
    private static final FloatVector V_HIGHEST = Floats.all(HIGHEST);
    private static final FloatVector V_LOG2_E = Floats.all(LOG2_E);
    private static final FloatVector V_ROUNDER = Floats.all(ROUNDER);
    private static final FloatVector V_MINUS_LN_2 = Floats.all(MINUS_LN_2);
    private static final FloatVector V_C6 = Floats.all(C6);
    private static final FloatVector V_C5 = Floats.all(C5);
    private static final FloatVector V_C4 = Floats.all(C4);
    private static final FloatVector V_C3 = Floats.all(C3);
    private static final FloatVector V_C2 = Floats.all(C2);
    private static final FloatVector V_ONE = Floats.all(1f);

    private Exponential() {}

    /** e^x for x of at most 88.3; below −87.3 the smallest normal number. */
    static FloatVector ofAtMost88(FloatVector x) {
        FloatVector held = x.blend(V_LOWEST, x.compare(VectorOperators.LT, V_LOWEST));
        FloatVector shifted = held.fma(V_LOG2_E, V_ROUNDER);
        FloatVector n = shifted.sub(V_ROUNDER);
        FloatVector r = n.fma(V_MINUS_LN_2, held);
        FloatVector p = r.fma(V_C6, V_C5)
                .fma(r, V_C4)
                .fma(r, V_C3)
                .fma(r, V_C2)
                .fma(r, V_ONE)
                .fma(r, V_ONE);
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, EXPONENT_SHIFT);
        return p.reinterpretAsInts().add(power).reinterpretAsFloats();
    }

    /** e^x for any x. */
    static FloatVector of(FloatVector x) {
        return ofAtMost88(x.blend(V_HIGHEST, x.compare(VectorOperators.GT, V_HIGHEST)));
    }

    /** The same arithmetic for one number, so that a row's last elements get the bits any other would. */
    static float of(float x) {
        float held = x < LOWEST ? LOWEST : x > HIGHEST ? HIGHEST : x;
        float shifted = Math.fma(held, LOG2_E, ROUNDER);
        float n = shifted - ROUNDER;
        float r = Math.fma(n, MINUS_LN_2, held);
        float p = Math.fma(r, C6, C5);
        p = Math.fma(p, r, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r, 1f);
        p = Math.fma(p, r, 1f);
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << EXPONENT_SHIFT));
    }
}
