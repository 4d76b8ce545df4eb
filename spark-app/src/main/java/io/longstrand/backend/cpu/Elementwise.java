package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** Fills and sums of tensors of one shape. */
final class Elementwise {
    private final LanePool lanes;
    private final Scratch widened;

    Elementwise(LanePool lanes, Scratch widened) {
        this.lanes = lanes;
        this.widened = widened;
    }

    void fill(Tensor out, float value) {
        requireDevice(out);
        Pieces pieces = new Pieces(out);
        Rows target = Rows.of(out, "out");
        DataType type = out.type();
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            for (long i = first; i < end; i++) {
                ByteBuffer buffer = target.buffer(pieces.row(i), pieces.column(i));
                int at = target.at(pieces.row(i), pieces.column(i));
                switch (type) {
                    case FLOAT32 -> fillFloats(buffer, at, pieces.length(i), value);
                    case BFLOAT16 -> fillShorts(buffer, at, pieces.length(i), Bfloat16.of(value));
                    case INT32 -> fillInts(buffer, at, pieces.length(i), (int) value);
                }
            }
        });
    }

    void add(Tensor left, Tensor right, Tensor out) {
        Pieces pieces = new Pieces(left, right, out);
        FloatOperands operands = new FloatOperands(widened, pieces.longest());
        FloatOperands.Operand lefts = operands.of(left, "left");
        FloatOperands.Operand rights = operands.of(right, "right");
        FloatOperands.Operand sums = operands.of(out, "out");
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            FloatSpan x = lefts.on(lane);
            FloatSpan y = rights.on(lane);
            FloatSpan sum = sums.on(lane);
            for (long i = first; i < end; i++) {
                x.read(pieces, i);
                y.read(pieces, i);
                sum.place(pieces, i);
                add(x.buffer(), x.at(), y.buffer(), y.at(), sum.buffer(), sum.at(), pieces.length(i));
                sum.write();
            }
        });
    }

    /** {@code out = left + right} over adjacent elements. */
    static void add(ByteBuffer left, int leftAt, ByteBuffer right, int rightAt, ByteBuffer out, int outAt, int length) {
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            Floats.store(Floats.load(left, leftAt + i).add(Floats.load(right, rightAt + i)), out, outAt + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            out.putFloat(outAt + i, left.getFloat(leftAt + i) + right.getFloat(rightAt + i));
        }
    }

    /** Sets adjacent floats. */
    static void fillFloats(ByteBuffer out, int at, int length, float value) {
        FloatVector vector = Floats.all(value);
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            Floats.store(vector, out, at + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            out.putFloat(at + i, value);
        }
    }

    private static void fillShorts(ByteBuffer out, int at, int length, short value) {
        for (int i = 0; i < length; i++) {
            out.putShort(at + i * Short.BYTES, value);
        }
    }

    private static void fillInts(ByteBuffer out, int at, int length, int value) {
        for (int i = 0; i < length; i++) {
            out.putInt(at + i * Integer.BYTES, value);
        }
    }

    private static void requireDevice(Tensor tensor) {
        if (tensor.place() != Place.DEVICE) {
            throw new IllegalArgumentException("out is " + tensor + ": kernels compute on the device only");
        }
    }
}
