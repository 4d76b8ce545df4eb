package io.longstrand.backend.cpu;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** One row of a softmax: small loops over the columns {@code from} (inclusive) to {@code to} (exclusive). */
final class SoftmaxRows {
    private SoftmaxRows() {}

    /** The largest value, −∞ where there is none. */
    static float maximum(ByteBuffer row, int at, int from, int to) {
        // Made here: an accumulator that starts as a constant object would be kept as an object.
        FloatVector most0 = Floats.all(Float.NEGATIVE_INFINITY);
        FloatVector most1 = Floats.all(Float.NEGATIVE_INFINITY);
        int i = at + from * Float.BYTES;
        int end = at + to * Float.BYTES;
        for (; i <= end - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            most0 = Floats.larger(most0, Floats.load(row, i));
            most1 = Floats.larger(most1, Floats.load(row, i + Floats.BYTES));
        }
        if (i <= end - Floats.BYTES) {
            most0 = Floats.larger(most0, Floats.load(row, i));
            i += Floats.BYTES;
        }
        float most = Floats.larger(most0, most1).reduceLanes(VectorOperators.MAX);
        for (; i < end; i += Float.BYTES) {
            most = Math.max(most, row.getFloat(i));
        }
        return most;
    }

    /** Makes each value {@code exp(scale · value − maximum)} and returns their sum. */
    static float exponentiate(ByteBuffer row, int at, int from, int to, float scale, float maximum) {
        FloatVector vScale = Floats.all(scale);
        FloatVector vMaximum = Floats.all(-maximum);
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int i = at + from * Float.BYTES;
        int end = at + to * Float.BYTES;
        for (; i <= end - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            FloatVector e0 = Exponential.ofAtMost88(Floats.load(row, i).fma(vScale, vMaximum));
            FloatVector e1 =
                    Exponential.ofAtMost88(Floats.load(row, i + Floats.BYTES).fma(vScale, vMaximum));
            Floats.store(e0, row, i);
            Floats.store(e1, row, i + Floats.BYTES);
            sum0 = sum0.add(e0);
            sum1 = sum1.add(e1);
        }
        if (i <= end - Floats.BYTES) {
            FloatVector e = Exponential.ofAtMost88(Floats.load(row, i).fma(vScale, vMaximum));
            Floats.store(e, row, i);
            sum0 = sum0.add(e);
            i += Floats.BYTES;
        }
        float sum = sum0.add(sum1).reduceLanes(VectorOperators.ADD);
        for (; i < end; i += Float.BYTES) {
            float e = Exponential.of(Math.fma(row.getFloat(i), scale, -maximum));
            row.putFloat(i, e);
            sum += e;
        }
        return sum;
    }

    /** {@code out = in · factor} over {@code length} adjacent floats. */
    static void scale(ByteBuffer in, int inAt, ByteBuffer out, int outAt, int length, float factor) {
        FloatVector vFactor = Floats.all(factor);
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            Floats.store(Floats.load(in, inAt + i).mul(vFactor), out, outAt + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            out.putFloat(outAt + i, in.getFloat(inAt + i) * factor);
        }
    }
}
