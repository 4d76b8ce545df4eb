package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** SwiGLU without its products: {@code out = gate · σ(gate) · up}. */
final class Swiglu {
    private static final FloatVector V_ONE = Floats.all(1f);

    private final LanePool lanes;
    private final Scratch widened;

    Swiglu(LanePool lanes, Scratch widened) {
        this.lanes = lanes;
        this.widened = widened;
    }

    void forward(Tensor gate, Tensor up, Tensor out) {
        Pieces pieces = new Pieces(gate, up, out);
        FloatOperands operands = new FloatOperands(widened, pieces.longest());
        FloatOperands.Operand gates = operands.of(gate, "gate");
        FloatOperands.Operand ups = operands.of(up, "up");
        FloatOperands.Operand target = operands.of(out, "out");
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            FloatSpan g = gates.on(lane);
            FloatSpan u = ups.on(lane);
            FloatSpan y = target.on(lane);
            for (long i = first; i < end; i++) {
                g.read(pieces, i);
                u.read(pieces, i);
                y.place(pieces, i);
                forwardLoop(g.buffer(), g.at(), u.buffer(), u.at(), y.buffer(), y.at(), pieces.length(i));
                y.write();
            }
        });
    }

    void backward(Tensor gate, Tensor up, Tensor outGradient, Tensor gateGradient, Tensor upGradient) {
        Pieces pieces = new Pieces(gate, up, outGradient, gateGradient, upGradient);
        FloatOperands operands = new FloatOperands(widened, pieces.longest());
        FloatOperands.Operand gates = operands.of(gate, "gate");
        FloatOperands.Operand ups = operands.of(up, "up");
        FloatOperands.Operand given = operands.of(outGradient, "outGradient");
        FloatOperands.Operand gateTarget = operands.of(gateGradient, "gateGradient");
        FloatOperands.Operand upTarget = operands.of(upGradient, "upGradient");
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            FloatSpan g = gates.on(lane);
            FloatSpan u = ups.on(lane);
            FloatSpan dy = given.on(lane);
            FloatSpan dg = gateTarget.on(lane);
            FloatSpan du = upTarget.on(lane);
            for (long i = first; i < end; i++) {
                g.read(pieces, i);
                u.read(pieces, i);
                dy.read(pieces, i);
                dg.place(pieces, i);
                du.place(pieces, i);
                backwardLoop(
                        g.buffer(),
                        g.at(),
                        u.buffer(),
                        u.at(),
                        dy.buffer(),
                        dy.at(),
                        dg.buffer(),
                        dg.at(),
                        du.buffer(),
                        du.at(),
                        pieces.length(i));
                dg.write();
                du.write();
            }
        });
    }

    private static void forwardLoop(
            ByteBuffer gate, int gateAt, ByteBuffer up, int upAt, ByteBuffer out, int outAt, int length) {
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector g = Floats.load(gate, gateAt + i);
            FloatVector silu = g.div(Exponential.of(g.neg()).add(V_ONE));
            Floats.store(silu.mul(Floats.load(up, upAt + i)), out, outAt + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            float g = gate.getFloat(gateAt + i);
            out.putFloat(outAt + i, g / (Exponential.of(-g) + 1f) * up.getFloat(upAt + i));
        }
    }

    // silu' = σ·(1 + g·(1 − σ)). Everything is read before anything is written: the targets may be the inputs.
    private static void backwardLoop(
            ByteBuffer gate,
            int gateAt,
            ByteBuffer up,
            int upAt,
            ByteBuffer given,
            int givenAt,
            ByteBuffer gateGradient,
            int gateGradientAt,
            ByteBuffer upGradient,
            int upGradientAt,
            int length) {
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector g = Floats.load(gate, gateAt + i);
            FloatVector u = Floats.load(up, upAt + i);
            FloatVector out = Floats.load(given, givenAt + i);
            FloatVector sigmoid = V_ONE.div(Exponential.of(g.neg()).add(V_ONE));
            FloatVector derivative = g.mul(V_ONE.sub(sigmoid)).fma(sigmoid, sigmoid);
            Floats.store(out.mul(u).mul(derivative), gateGradient, gateGradientAt + i);
            Floats.store(out.mul(g).mul(sigmoid), upGradient, upGradientAt + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            float g = gate.getFloat(gateAt + i);
            float u = up.getFloat(upAt + i);
            float out = given.getFloat(givenAt + i);
            float sigmoid = 1f / (Exponential.of(-g) + 1f);
            float derivative = Math.fma(g * (1f - sigmoid), sigmoid, sigmoid);
            gateGradient.putFloat(gateGradientAt + i, out * u * derivative);
            upGradient.putFloat(upGradientAt + i, out * g * sigmoid);
        }
    }
}
