package io.longstrand.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Float32 sums of some columns of a BFLOAT16 tensor. While rows are added, each two vectors of sums hold first the even,
 * then the odd ones of so many columns: a load of twice as many bfloat16 falls apart into these two without a shuffle.
 * Columns beyond the last two whole vectors lie as they are.
 */
final class NarrowColumns {
    /** Rows added before the sums so far are touched. */
    private static final int AT_ONCE = 4;

    private final long sums;
    private final int columns;

    /** @param sums address of room for as many floats as there are columns */
    NarrowColumns(long sums, int columns) {
        this.sums = sums;
        this.columns = columns;
    }

    void clear() {
        Elementwise.fillFloats(sums, columns, 0f);
    }

    /** Adds rows {@code from} to {@code to}, one from each quarter at a time, as {@link Reductions} does for float32. */
    void addRows(Rows source, long column, long from, long to) {
        long quarter = (to - from) / AT_ONCE;
        for (long row = from; row < from + quarter; row++) {
            addFourLoop(
                    source.address(row, column),
                    source.address(row + quarter, column),
                    source.address(row + 2 * quarter, column),
                    source.address(row + 3 * quarter, column),
                    columns,
                    sums);
        }
        for (long row = from + AT_ONCE * quarter; row < to; row++) {
            addOneLoop(source.address(row, column), columns, sums);
        }
    }

    /** Adds these sums to adjacent floats. */
    void addTo(long out) {
        addToLoop(sums, columns, out);
    }

    /** Bytes of the bfloat16 that fill pairs of vectors. */
    private static int paired(int columns) {
        return Floats.whole(columns / 2) * Float.BYTES;
    }

    private static void addFourLoop(long x0, long x1, long x2, long x3, int columns, long sums) {
        int whole = paired(columns);
        for (int i = 0; i < whole; i += Floats.BYTES) {
            IntVector v0 = Bfloat16.pairs(x0 + i);
            IntVector v1 = Bfloat16.pairs(x1 + i);
            IntVector v2 = Bfloat16.pairs(x2 + i);
            IntVector v3 = Bfloat16.pairs(x3 + i);
            FloatVector even = Bfloat16.even(v0)
                    .add(Bfloat16.even(v1))
                    .add(Bfloat16.even(v2).add(Bfloat16.even(v3)));
            FloatVector odd =
                    Bfloat16.odd(v0).add(Bfloat16.odd(v1)).add(Bfloat16.odd(v2).add(Bfloat16.odd(v3)));
            long to = sums + 2 * i;
            Floats.store(even.add(Floats.load(to)), to);
            Floats.store(odd.add(Floats.load(to + Floats.BYTES)), to + Floats.BYTES);
        }
        for (int i = whole; i < columns * Short.BYTES; i += Short.BYTES) {
            float lower = number(x0 + i) + number(x1 + i);
            float upper = number(x2 + i) + number(x3 + i);
            Native.putFloat(sums + 2 * i, lower + upper + Native.getFloat(sums + 2 * i));
        }
    }

    private static void addOneLoop(long x, int columns, long sums) {
        int whole = paired(columns);
        for (int i = 0; i < whole; i += Floats.BYTES) {
            IntVector v = Bfloat16.pairs(x + i);
            long to = sums + 2 * i;
            Floats.store(Floats.load(to).add(Bfloat16.even(v)), to);
            Floats.store(Floats.load(to + Floats.BYTES).add(Bfloat16.odd(v)), to + Floats.BYTES);
        }
        for (int i = whole; i < columns * Short.BYTES; i += Short.BYTES) {
            Native.putFloat(sums + 2 * i, Native.getFloat(sums + 2 * i) + number(x + i));
        }
    }

    private static void addToLoop(long sums, int columns, long out) {
        int whole = 2 * paired(columns);
        for (int i = 0; i < whole; i += 2 * Floats.BYTES) {
            for (int j = 0; j < Floats.BYTES; j += Float.BYTES) {
                long to = out + i + 2 * j;
                Native.putFloat(to, Native.getFloat(to) + Native.getFloat(sums + i + j));
                Native.putFloat(
                        to + Float.BYTES,
                        Native.getFloat(to + Float.BYTES) + Native.getFloat(sums + i + j + Floats.BYTES));
            }
        }
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            Native.putFloat(out + i, Native.getFloat(out + i) + Native.getFloat(sums + i));
        }
    }

    private static float number(long in) {
        return Bfloat16.toFloat(Native.getShort(in));
    }
}
