package io.longstrand.conformance;

import io.longstrand.tensor.DataType;
import java.util.List;

/**
 * How a tensor of activations is stored.
 *
 * @param placing how it lies in memory
 * @param type FLOAT32 or BFLOAT16
 */
public record Stored(Placing placing, DataType type) {
    /** Of the result itself where it is rounded to eight significant bits, to nearest. */
    private static final double BFLOAT16_ROUNDING = 0x1p-8;
    /** Cuts a float's bits below those bfloat16 keeps. */
    private static final int KEPT = 0xFFFF0000;

    /** Every way. */
    public static List<Stored> ways() {
        return List.of(
                new Stored(Placing.CONTIGUOUS, DataType.FLOAT32),
                new Stored(Placing.VIEW, DataType.FLOAT32),
                new Stored(Placing.CONTIGUOUS, DataType.BFLOAT16),
                new Stored(Placing.VIEW, DataType.BFLOAT16));
    }

    /** Values this type holds exactly: the nearest ones. */
    public double[][] rounded(double[][] values) {
        return type == DataType.BFLOAT16 ? Matrices.map(values, Stored::toBfloat16) : values;
    }

    /** Values this type holds exactly: the nearest ones. */
    public double[] rounded(double[] values) {
        return rounded(new double[][] {values})[0];
    }

    /** What a kernel's own tolerance becomes when its result is stored this way. */
    public Tolerance tolerance(Tolerance computed) {
        return type == DataType.BFLOAT16 ? computed.rounding(BFLOAT16_ROUNDING) : computed;
    }

    /** The nearest number that bfloat16 holds, ties to even. */
    public static double toBfloat16(double value) {
        int bits = Float.floatToRawIntBits((float) value);
        return Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & KEPT);
    }

    @Override
    public String toString() {
        return placing + " " + type;
    }
}
