package io.longstrand.spark.prepare;

import java.util.Arrays;

/** A growing array of entries of three numbers. */
final class NumberList {
    private long[] values = new long[48];
    private int size;

    void add(long first, long second, long third) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size] = first;
        values[size + 1] = second;
        values[size + 2] = third;
        size += PartResult.ENTRY;
    }

    long[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
