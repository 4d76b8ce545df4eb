package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;

/** From one element type to another. */
enum Conversion {
    /** Equal types. */
    NONE {
        @Override
        void convert(long in, long out, int length) {
            throw new IllegalStateException("equal types are copied, not converted");
        }
    },
    /** To the nearest bfloat16, ties to even. */
    FLOAT32_TO_BFLOAT16 {
        @Override
        void convert(long in, long out, int length) {
            Bfloat16.narrow(in, out, length);
        }
    },
    /** Exact. */
    BFLOAT16_TO_FLOAT32 {
        @Override
        void convert(long in, long out, int length) {
            Bfloat16.widenLoop(in, out, length);
        }
    };

    /** Converts adjacent elements. */
    abstract void convert(long in, long out, int length);

    /**
     * The conversion between two types.
     *
     * @throws IllegalArgumentException when one is an integer type and the other is not
     */
    static Conversion between(DataType from, DataType to) {
        if (from == to) {
            return NONE;
        }
        if (from == DataType.FLOAT32 && to == DataType.BFLOAT16) {
            return FLOAT32_TO_BFLOAT16;
        }
        if (from == DataType.BFLOAT16 && to == DataType.FLOAT32) {
            return BFLOAT16_TO_FLOAT32;
        }
        throw new IllegalArgumentException("no conversion from " + from + " to " + to);
    }
}
