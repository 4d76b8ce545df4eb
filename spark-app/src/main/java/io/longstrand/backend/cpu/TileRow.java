package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Where a row of a tile is written, in FLOAT32 or rounded to BFLOAT16. For one thread: {@link #look} turns to a row.
 * Loops take address and type into variables of their own and use the static methods: fields would be read again
 * after every store.
 */
final class TileRow {
    private static final int ROUNDING = 0x7FFF;
    private static final FloatVector NOTHING = Floats.all(0f);

    private final Rows rows;
    private final boolean narrow;
    private long address;

    private TileRow(Rows rows, boolean narrow) {
        this.rows = rows;
        this.narrow = narrow;
    }

    /** A device tensor of the shape of the scores, in one of the two types. */
    static TileRow of(Tensor tensor, Tensor scores, String name) {
        if (tensor.rows() != scores.rows() || tensor.columns() != scores.columns()) {
            throw new IllegalArgumentException(name + " is " + tensor + " for " + scores);
        }
        boolean narrow = tensor.type() == DataType.BFLOAT16;
        return new TileRow(Rows.device(tensor, narrow ? DataType.BFLOAT16 : DataType.FLOAT32, name), narrow);
    }

    /** Turns to a row. */
    void look(long row) {
        address = rows.address(row);
    }

    /** Address of the row. */
    long address() {
        return address;
    }

    /** Whether elements are BFLOAT16. */
    boolean narrow() {
        return narrow;
    }

    /** Writes one element. */
    void put(int column, float value) {
        if (narrow) {
            Native.putShort(address + column * Short.BYTES, Bfloat16.of(value));
        } else {
            Native.putFloat(address + column * Float.BYTES, value);
        }
    }

    /** Writes zeros. */
    void clear(int from, int to) {
        long out = address;
        boolean half = narrow;
        int column = from;
        for (; column <= to - Floats.WIDTH; column += Floats.WIDTH) {
            store(out, column, NOTHING, half);
        }
        for (; column < to; column++) {
            put(column, 0f);
        }
    }

    /** Writes {@code in · factor} over the first {@code length} columns. */
    void scaledLoop(long in, int length, float factor) {
        long out = address;
        boolean half = narrow;
        FloatVector vFactor = Floats.all(factor);
        int column = 0;
        for (; column <= length - Floats.WIDTH; column += Floats.WIDTH) {
            store(out, column, Floats.load(in + column * Float.BYTES).mul(vFactor), half);
        }
        for (; column < length; column++) {
            put(column, Native.getFloat(in + column * Float.BYTES) * factor);
        }
    }

    /** Writes a vector from a column on. */
    static void store(long out, int column, FloatVector values, boolean narrow) {
        if (narrow) {
            Native.put(round(values), out + column * Short.BYTES);
        } else {
            Floats.store(values, out + column * Float.BYTES);
        }
    }

    /** To the nearest, ties to even: the upper halves after adding what carries. */
    private static ShortVector round(FloatVector values) {
        IntVector bits = values.reinterpretAsInts();
        IntVector odd = bits.lanewise(VectorOperators.LSHR, Short.SIZE).and(1);
        IntVector rounded = bits.add(ROUNDING).add(odd).lanewise(VectorOperators.LSHR, Short.SIZE);
        return (ShortVector) rounded.convertShape(VectorOperators.I2S, Native.SHORTS, 0);
    }
}
