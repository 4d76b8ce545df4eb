package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;

/** Fills and sums of tensors of one shape. */
final class Elementwise {
    /** Bytes from which on the C library's way of clearing them makes up for the call. */
    private static final long CLEARED_BYTES = 1 << 14;

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
            long next;
            for (long i = first; i < end; i = next) {
                next = pattern == 0 ? pieces.endOfRow(i, end) : i + 1;
                long address = target.address(pieces.row(i), pieces.column(i));
                long bytes = pieces.length(i, next) * type.bytes();
                if (pattern == 0) {
                    clear(address, bytes);
                } else {
                    fillLoop(address, bytes, pattern);
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
        boolean narrow = Stream.of(left, right, out).anyMatch(tensor -> tensor.type() == DataType.BFLOAT16);
        Pieces pieces = narrow ? new Pieces(left, right, out) : Pieces.ofBytes(left, right, out);
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
                addLoop(x.address(), y.address(), sum.address(), pieces.length(i));
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
                        lefts.address(row, column),
                        rights.address(row, column),
                        sums.address(row, column),
                        pieces.length(i));
            }
        });
    }

    /** {@code out = left + right} over adjacent elements. */
    static void addLoop(long left, long right, long out, int length) {
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            Floats.store(Floats.load(left + i).add(Floats.load(right + i)), out + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            Native.putFloat(out + i, Native.getFloat(left + i) + Native.getFloat(right + i));
        }
    }

    /** Copies two stretches of adjacent bytes, a multiple of two, side by side. */
    static void copyTwoLoop(long in0, long out0, long in1, long out1, int bytes) {
        int whole = bytes / Floats.BYTES * Floats.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            FloatVector first0 = Floats.load(in0 + i);
            FloatVector second0 = Floats.load(in0 + i + Floats.BYTES);
            FloatVector first1 = Floats.load(in1 + i);
            FloatVector second1 = Floats.load(in1 + i + Floats.BYTES);
            Floats.store(first0, out0 + i);
            Floats.store(second0, out0 + i + Floats.BYTES);
            Floats.store(first1, out1 + i);
            Floats.store(second1, out1 + i + Floats.BYTES);
        }
        for (; i < whole; i += Floats.BYTES) {
            Floats.store(Floats.load(in0 + i), out0 + i);
            Floats.store(Floats.load(in1 + i), out1 + i);
        }
        for (; i < bytes; i += Short.BYTES) {
            Native.putShort(out0 + i, Native.getShort(in0 + i));
            Native.putShort(out1 + i, Native.getShort(in1 + i));
        }
    }

    /** Sets adjacent bytes, an even number of them, to zero. */
    static void clear(long out, long bytes) {
        if (bytes < CLEARED_BYTES) {
            fillLoop(out, bytes, 0);
        } else {
            Native.clear(out, bytes);
        }
    }

    /** Sets adjacent floats. */
    static void fillFloats(long out, int length, float value) {
        fillLoop(out, (long) length * Float.BYTES, Float.floatToRawIntBits(value));
    }

    /** Sets adjacent bytes, an even number of them. */
    private static void fillLoop(long out, long bytes, int pattern) {
        FloatVector vector = Floats.all(Float.intBitsToFloat(pattern));
        long i = 0;
        for (; i <= bytes - 4 * Floats.BYTES; i += 4 * Floats.BYTES) {
            Floats.store(vector, out + i);
            Floats.store(vector, out + i + Floats.BYTES);
            Floats.store(vector, out + i + 2 * Floats.BYTES);
            Floats.store(vector, out + i + 3 * Floats.BYTES);
        }
        for (; i <= bytes - Floats.BYTES; i += Floats.BYTES) {
            Floats.store(vector, out + i);
        }
        for (; i <= bytes - Integer.BYTES; i += Integer.BYTES) {
            Native.putInt(out + i, pattern);
        }
        if (i < bytes) {
            Native.putShort(out + i, (short) pattern);
        }
    }

    private static void requireDevice(Tensor tensor) {
        if (tensor.place() != Place.DEVICE) {
            throw new IllegalArgumentException("out is " + tensor + ": kernels compute on the device only");
        }
    }
}
