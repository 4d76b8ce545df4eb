package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.stream.Stream;
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
        if (Stream.of(gate, up, out).allMatch(tensor -> tensor.type() == DataType.BFLOAT16)) {
            forwardNarrow(gate, up, out);
            return;
        }
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
                forwardLoop(g.address(), u.address(), y.address(), pieces.length(i));
                y.write();
            }
        });
    }

    /** All three BFLOAT16: computed where they lie. */
    private void forwardNarrow(Tensor gate, Tensor up, Tensor out) {
        Pieces pieces = Pieces.ofBytes(gate, up, out);
        Rows gates = Rows.device(gate, DataType.BFLOAT16, "gate");
        Rows ups = Rows.device(up, DataType.BFLOAT16, "up");
        Rows target = Rows.device(out, DataType.BFLOAT16, "out");
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            for (long i = first; i < end; i++) {
                long row = pieces.row(i);
                long column = pieces.column(i);
                forwardNarrowLoop(
                        gates.address(row, column),
                        ups.address(row, column),
                        target.address(row, column),
                        pieces.length(i));
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
                backwardLoop(g.address(), u.address(), dy.address(), dg.address(), du.address(), pieces.length(i));
                dg.write();
                du.write();
            }
        });
    }

    private static void forwardLoop(long gate, long up, long out, int length) {
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            Floats.store(silu(Floats.load(gate + i)).mul(Floats.load(up + i)), out + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            float g = Native.getFloat(gate + i);
            Native.putFloat(out + i, g / (Exponential.of(-g) + 1f) * Native.getFloat(up + i));
        }
    }

    private static void forwardNarrowLoop(long gate, long up, long out, int length) {
        int whole = Floats.whole(length) * Short.BYTES;
        for (int i = 0; i < whole; i += Floats.WIDTH * Short.BYTES) {
            FloatVector y = silu(Bfloat16.load(gate + i)).mul(Bfloat16.load(up + i));
            Bfloat16.storeNearest(y, out + i);
        }
        for (int i = whole; i < length * Short.BYTES; i += Short.BYTES) {
            float g = Bfloat16.toFloat(Native.getShort(gate + i));
            float u = Bfloat16.toFloat(Native.getShort(up + i));
            Native.putShort(out + i, Bfloat16.of(g / (Exponential.of(-g) + 1f) * u));
        }
    }

    private static FloatVector silu(FloatVector g) {
        return g.div(Exponential.of(g.neg()).add(V_ONE));
    }

    // silu' = σ·(1 + g·(1 − σ)). Everything is read before anything is written: the targets may be the inputs.
    private static void backwardLoop(long gate, long up, long given, long gateGradient, long upGradient, int length) {
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector g = Floats.load(gate + i);
            FloatVector u = Floats.load(up + i);
            FloatVector out = Floats.load(given + i);
            FloatVector sigmoid = V_ONE.div(Exponential.of(g.neg()).add(V_ONE));
            FloatVector derivative = g.mul(V_ONE.sub(sigmoid)).fma(sigmoid, sigmoid);
            Floats.store(out.mul(u).mul(derivative), gateGradient + i);
            Floats.store(out.mul(g).mul(sigmoid), upGradient + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            float g = Native.getFloat(gate + i);
            float u = Native.getFloat(up + i);
            float out = Native.getFloat(given + i);
            float sigmoid = 1f / (Exponential.of(-g) + 1f);
            float derivative = Math.fma(g * (1f - sigmoid), sigmoid, sigmoid);
            Native.putFloat(gateGradient + i, out * u * derivative);
            Native.putFloat(upGradient + i, out * g * sigmoid);
        }
    }
}
