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
            for (int i = 0; i < length; i++) {
                out.putShort(outAt + i * Short.BYTES, toBfloat16(in.getFloat(inAt + i * Float.BYTES)));
            }
        }
    },
    /** Exact. */
    BFLOAT16_TO_FLOAT32 {
        @Override
        void convert(ByteBuffer in, int inAt, ByteBuffer out, int outAt, int length) {
            for (int i = 0; i < length; i++) {
                out.putInt(outAt + i * Integer.BYTES, in.getShort(inAt + i * Short.BYTES) << Short.SIZE);
            }
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

    /** The nearest bfloat16, ties to even; a NaN stays one. */
    static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> Short.SIZE | 0x40);
        }
        int odd = bits >>> Short.SIZE & 1;
        return (short) (bits + 0x7FFF + odd >>> Short.SIZE);
    }
}
