package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/**
 * GELU in its tanh form. As tanh u = 2σ(2u) − 1, it is {@code x·σ(2u)} with {@code 2u = x·(a + b·x²)}: one exponential
 * and one division, and accurate for large negative x where 1 + tanh would cancel.
 */
final class Gelu {
    private static final double TWICE_ROOT_2_OVER_PI = 2 * Math.sqrt(2 / Math.PI);
    private static final float A = (float) TWICE_ROOT_2_OVER_PI;
    private static final float B = (float) (0.044715 * TWICE_ROOT_2_OVER_PI);
    private static final float B_3 = (float) (3 * 0.044715 * TWICE_ROOT_2_OVER_PI);
    private static final FloatVector V_MINUS_A = Floats.all(-A);
    private static final FloatVector V_MINUS_B = Floats.all(-B);
    private static final FloatVector V_A = Floats.all(A);
    private static final FloatVector V_B_3 = Floats.all(B_3);
    private static final FloatVector V_ONE = Floats.all(1f);

    private final LanePool lanes;
    private final Scratch widened;

    Gelu(LanePool lanes, Scratch widened) {
        this.lanes = lanes;
        this.widened = widened;
    }

    void forward(Tensor in, Tensor out) {
        Pieces pieces = new Pieces(in, out);
        FloatOperands operands = new FloatOperands(widened, pieces.longest());
        FloatOperands.Operand source = operands.of(in, "in");
        FloatOperands.Operand target = operands.of(out, "out");
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            FloatSpan x = source.on(lane);
            FloatSpan y = target.on(lane);
            for (long i = first; i < end; i++) {
                x.read(pieces, i);
                y.place(pieces, i);
                forwardLoop(x.address(), y.address(), pieces.length(i));
                y.write();
            }
        });
    }

    void backward(Tensor in, Tensor outGradient, Tensor inGradient) {
        Pieces pieces = new Pieces(in, outGradient, inGradient);
        FloatOperands operands = new FloatOperands(widened, pieces.longest());
        FloatOperands.Operand source = operands.of(in, "in");
        FloatOperands.Operand given = operands.of(outGradient, "outGradient");
        FloatOperands.Operand wanted = operands.of(inGradient, "inGradient");
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            FloatSpan x = source.on(lane);
            FloatSpan dy = given.on(lane);
            FloatSpan dx = wanted.on(lane);
            for (long i = first; i < end; i++) {
                x.read(pieces, i);
                dy.read(pieces, i);
                dx.place(pieces, i);
                backwardLoop(x.address(), dy.address(), dx.address(), pieces.length(i));
                dx.write();
            }
        });
    }

    /** Over adjacent elements. */
    private static void forwardLoop(long in, long out, int length) {
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector x = Floats.load(in + i);
            FloatVector minus2u = x.mul(x.mul(x).fma(V_MINUS_B, V_MINUS_A));
            Floats.store(x.div(Exponential.of(minus2u).add(V_ONE)), out + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            float x = Native.getFloat(in + i);
            Native.putFloat(out + i, x / (Exponential.of(x * Math.fma(x * x, -B, -A)) + 1f));
        }
    }

    // gelu' = σ + x·σ·(1 − σ)·(2u)', where (2u)' = a + 3b·x²
    private static void backwardLoop(long in, long given, long wanted, int length) {
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector x = Floats.load(in + i);
            FloatVector squared = x.mul(x);
            FloatVector sigmoid = V_ONE.div(
                    Exponential.of(x.mul(squared.fma(V_MINUS_B, V_MINUS_A))).add(V_ONE));
            FloatVector slope = x.mul(squared.fma(V_B_3, V_A));
            FloatVector derivative = slope.mul(V_ONE.sub(sigmoid)).fma(sigmoid, sigmoid);
            Floats.store(Floats.load(given + i).mul(derivative), wanted + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            float x = Native.getFloat(in + i);
            float squared = x * x;
            float sigmoid = 1f / (Exponential.of(x * Math.fma(squared, -B, -A)) + 1f);
            float slope = x * Math.fma(squared, B_3, A);
            float derivative = Math.fma(slope * (1f - sigmoid), sigmoid, sigmoid);
            Native.putFloat(wanted + i, Native.getFloat(given + i) * derivative);
        }
    }
}
