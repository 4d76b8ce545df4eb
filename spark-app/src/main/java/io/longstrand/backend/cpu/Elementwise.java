package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

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
        Pieces pieces = Pieces.ofBytes(out);
        Rows target = Rows.of(out, "out");
        DataType type = out.type();
        int pattern = pattern(type, value);
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            for (long i = first; i < end; i++) {
                int bytes = pieces.length(i) * type.bytes();
                if (pattern == 0) {
                    target.clear(pieces.row(i), pieces.column(i), bytes);
                } else {
                    ByteBuffer buffer = target.buffer(pieces.row(i), pieces.column(i));
                    fillLoop(buffer, target.at(pieces.row(i), pieces.column(i)), bytes, pattern);
                }
            }
        });
    }

    /** Four bytes that, repeated, are so many elements of a value. */
    private static int pattern(DataType type, float value) {
        return switch (type) {
            case FLOAT32 -> Float.floatToRawIntBits(value);
            case BFLOAT16 -> (Bfloat16.of(value) & 0xFFFF) * 0x1_0001;
            case INT32 -> (int) value;
        };
    }

    void add(Tensor left, Tensor right, Tensor out) {
        if (left.type() == DataType.BFLOAT16 && right.type() == left.type() && out.type() == left.type()) {
            addNarrow(left, right, out);
            return;
        }
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
                addLoop(x.buffer(), x.at(), y.buffer(), y.at(), sum.buffer(), sum.at(), pieces.length(i));
                sum.write();
            }
        });
    }

    /** All three BFLOAT16: widening them into scratch would take twice as long as the sum itself. */
    private void addNarrow(Tensor left, Tensor right, Tensor out) {
        Pieces pieces = Pieces.ofBytes(left, right, out);
        Rows lefts = Rows.device(left, DataType.BFLOAT16, "left");
        Rows rights = Rows.device(right, DataType.BFLOAT16, "right");
        Rows sums = Rows.device(out, DataType.BFLOAT16, "out");
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            for (long i = first; i < end; i++) {
                long row = pieces.row(i);
                long column = pieces.column(i);
                Bfloat16.addLoop(
                        lefts.buffer(row, column),
                        lefts.at(row, column),
                        rights.buffer(row, column),
                        rights.at(row, column),
                        sums.buffer(row, column),
                        sums.at(row, column),
                        pieces.length(i));
            }
        });
    }

    /** {@code out = left + right} over adjacent elements. */
    static void addLoop(
            ByteBuffer left, int leftAt, ByteBuffer right, int rightAt, ByteBuffer out, int outAt, int length) {
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            Floats.store(Floats.load(left, leftAt + i).add(Floats.load(right, rightAt + i)), out, outAt + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            out.putFloat(outAt + i, left.getFloat(leftAt + i) + right.getFloat(rightAt + i));
        }
    }

    /** Copies adjacent bytes, a multiple of two: for rows too short for what a call of the C library costs. */
    static void copyLoop(ByteBuffer in, int inAt, ByteBuffer out, int outAt, int bytes) {
        int whole = bytes / Floats.BYTES * Floats.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            FloatVector first = Floats.load(in, inAt + i);
            FloatVector second = Floats.load(in, inAt + i + Floats.BYTES);
            Floats.store(first, out, outAt + i);
            Floats.store(second, out, outAt + i + Floats.BYTES);
        }
        for (; i < whole; i += Floats.BYTES) {
            Floats.store(Floats.load(in, inAt + i), out, outAt + i);
        }
        for (; i < bytes; i += Short.BYTES) {
            out.putShort(outAt + i, in.getShort(inAt + i));
        }
    }

    /** Sets adjacent floats. */
    static void fillFloats(ByteBuffer out, int at, int length, float value) {
        fillLoop(out, at, length * Float.BYTES, Float.floatToRawIntBits(value));
    }

    /** Sets adjacent bytes, an even number of them. */
    private static void fillLoop(ByteBuffer out, int at, int bytes, int pattern) {
        IntVector vector = IntVector.broadcast(IntVector.SPECIES_PREFERRED, pattern);
        int i = at;
        int end = at + bytes;
        for (; i <= end - 4 * Floats.BYTES; i += 4 * Floats.BYTES) {
            vector.intoByteBuffer(out, i, ByteOrder.LITTLE_ENDIAN);
            vector.intoByteBuffer(out, i + Floats.BYTES, ByteOrder.LITTLE_ENDIAN);
            vector.intoByteBuffer(out, i + 2 * Floats.BYTES, ByteOrder.LITTLE_ENDIAN);
            vector.intoByteBuffer(out, i + 3 * Floats.BYTES, ByteOrder.LITTLE_ENDIAN);
        }
        for (; i <= end - Integer.BYTES; i += Integer.BYTES) {
            out.putInt(i, pattern);
        }
        if (i < end) {
            out.putShort(i, (short) pattern);
        }
    }

    private static void requireDevice(Tensor tensor) {
        if (tensor.place() != Place.DEVICE) {
            throw new IllegalArgumentException("out is " + tensor + ": kernels compute on the device only");
        }
    }
}
