package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** Copies, fills and sums of tensors of one shape. */
final class Elementwise {
    private final LanePool lanes;

    Elementwise(LanePool lanes) {
        this.lanes = lanes;
    }

    void copy(Tensor from, Tensor to) {
        Pieces pieces = new Pieces(from, to);
        Rows source = Rows.of(from, "from");
        Rows target = Rows.of(to, "to");
        Conversion conversion = Conversion.between(from.type(), to.type());
        int inBytes = from.type().bytes();
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            for (long i = first; i < end; i++) {
                long row = pieces.row(i);
                long column = pieces.column(i);
                ByteBuffer in = source.buffer(row, column);
                ByteBuffer out = target.buffer(row, column);
                int inAt = source.at(row, column);
                int outAt = target.at(row, column);
                int length = pieces.length(i);
                if (conversion == Conversion.NONE) {
                    out.put(outAt, in, inAt, length * inBytes);
                } else {
                    conversion.convert(in, inAt, out, outAt, length);
                }
            }
        });
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
                    case BFLOAT16 -> fillShorts(buffer, at, pieces.length(i), Conversion.toBfloat16(value));
                    case INT32 -> fillInts(buffer, at, pieces.length(i), (int) value);
                }
            }
        });
    }

    void add(Tensor left, Tensor right, Tensor out) {
        Pieces pieces = new Pieces(left, right, out);
        Rows first = Rows.floats(left, "left");
        Rows second = Rows.floats(right, "right");
        Rows sum = Rows.floats(out, "out");
        lanes.ranges(pieces.count(), pieces.grain(), (from, end, lane) -> {
            for (long i = from; i < end; i++) {
                long row = pieces.row(i);
                long column = pieces.column(i);
                add(
                        first.buffer(row, column),
                        first.at(row, column),
                        second.buffer(row, column),
                        second.at(row, column),
                        sum.buffer(row, column),
                        sum.at(row, column),
                        pieces.length(i));
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
