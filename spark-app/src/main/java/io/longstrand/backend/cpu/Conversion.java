package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import java.nio.ByteBuffer;

/** From one element type to another. */
enum Conversion {
    /** Equal types. */
    NONE {
        @Override
        void convert(ByteBuffer in, int inAt, ByteBuffer out, int outAt, int length) {
            throw new IllegalStateException("equal types are copied, not converted");
        }
    },
    /** To the nearest bfloat16, ties to even. */
    FLOAT32_TO_BFLOAT16 {
        @Override
        void convert(ByteBuffer in, int inAt, ByteBuffer out, int outAt, int length) {
            Bfloat16.narrowLoop(in, inAt, out, outAt, length);
        }
    },
    /** Exact. */
    BFLOAT16_TO_FLOAT32 {
        @Override
        void convert(ByteBuffer in, int inAt, ByteBuffer out, int outAt, int length) {
            Bfloat16.widenLoop(in, inAt, out, outAt, length);
        }
    };

    /** Converts adjacent elements. */
    abstract void convert(ByteBuffer in, int inAt, ByteBuffer out, int outAt, int length);

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
