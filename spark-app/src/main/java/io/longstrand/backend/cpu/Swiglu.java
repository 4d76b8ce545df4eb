package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** SwiGLU without its products: {@code out = gate · σ(gate) · up}. */
final class Swiglu {
    private static final FloatVector V_ONE = Floats.all(1f);

    private final LanePool lanes;

    Swiglu(LanePool lanes) {
        this.lanes = lanes;
    }

    void forward(Tensor gate, Tensor up, Tensor out) {
        Pieces pieces = new Pieces(gate, up, out);
        Rows gates = Rows.floats(gate, "gate");
        Rows ups = Rows.floats(up, "up");
        Rows target = Rows.floats(out, "out");
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            for (long i = first; i < end; i++) {
                long row = pieces.row(i);
                long column = pieces.column(i);
                forward(
                        gates.buffer(row, column),
                        gates.at(row, column),
                        ups.buffer(row, column),
                        ups.at(row, column),
                        target.buffer(row, column),
                        target.at(row, column),
                        pieces.length(i));
            }
        });
    }

    void backward(Tensor gate, Tensor up, Tensor outGradient, Tensor gateGradient, Tensor upGradient) {
        Pieces pieces = new Pieces(gate, up, outGradient, gateGradient, upGradient);
        Rows gates = Rows.floats(gate, "gate");
        Rows ups = Rows.floats(up, "up");
        Rows given = Rows.floats(outGradient, "outGradient");
        Rows gateTarget = Rows.floats(gateGradient, "gateGradient");
        Rows upTarget = Rows.floats(upGradient, "upGradient");
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            for (long i = first; i < end; i++) {
                long row = pieces.row(i);
                long column = pieces.column(i);
                backward(
                        gates.buffer(row, column),
                        gates.at(row, column),
                        ups.buffer(row, column),
                        ups.at(row, column),
                        given.buffer(row, column),
                        given.at(row, column),
                        gateTarget.buffer(row, column),
                        gateTarget.at(row, column),
                        upTarget.buffer(row, column),
                        upTarget.at(row, column),
                        pieces.length(i));
            }
        });
    }

    private static void forward(
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
    private static void backward(
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
