package io.longstrand.comm;

import io.longstrand.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import java.util.List;

/**
 * Adds vectors in the order given, {@code ((x₀ + x₁) + x₂) + …}: BFLOAT16 in FLOAT32 with one rounding at the end, to
 * the nearest even; INT32 wraps around. Not thread-safe.
 */
final class RankOrderSum {
    private static final int CHUNK = 4096;

    private final float[] sum = new float[CHUNK];
    private final float[] term = new float[CHUNK];
    private final int[] wholeSum = new int[CHUNK];
    private final int[] wholeTerm = new int[CHUNK];
    private final short[] halves = new short[CHUNK];

    /** Writes the sum of {@code terms} to {@code result}, which may be one of them; all of the same length. */
    void add(DataType type, List<ByteBuffer> terms, ByteBuffer result) {
        int elements = result.remaining() / type.bytes();
        for (int at = 0; at < elements; at += CHUNK) {
            int length = Math.min(CHUNK, elements - at);
            switch (type) {
                case FLOAT32 -> addFloats(terms, result, at, length);
                case BFLOAT16 -> addHalves(terms, result, at, length);
                case INT32 -> addWholes(terms, result, at, length);
            }
        }
    }

    private void addFloats(List<ByteBuffer> terms, ByteBuffer result, int at, int length) {
        terms.get(0).asFloatBuffer().get(at, sum, 0, length);
        for (int next = 1; next < terms.size(); next++) {
            terms.get(next).asFloatBuffer().get(at, term, 0, length);
            addTerm(length);
        }
        result.asFloatBuffer().put(at, sum, 0, length);
    }

    private void addHalves(List<ByteBuffer> terms, ByteBuffer result, int at, int length) {
        widen(terms.get(0).asShortBuffer(), at, length, sum);
        for (int next = 1; next < terms.size(); next++) {
            widen(terms.get(next).asShortBuffer(), at, length, term);
            addTerm(length);
        }
        for (int i = 0; i < length; i++) {
            halves[i] = nearest(sum[i]);
        }
        result.asShortBuffer().put(at, halves, 0, length);
    }

    private void addWholes(List<ByteBuffer> terms, ByteBuffer result, int at, int length) {
        terms.get(0).asIntBuffer().get(at, wholeSum, 0, length);
        for (int next = 1; next < terms.size(); next++) {
            terms.get(next).asIntBuffer().get(at, wholeTerm, 0, length);
            for (int i = 0; i < length; i++) {
                wholeSum[i] += wholeTerm[i];
            }
        }
        result.asIntBuffer().put(at, wholeSum, 0, length);
    }

    private void addTerm(int length) {
        for (int i = 0; i < length; i++) {
            sum[i] += term[i];
        }
    }

    private void widen(ShortBuffer from, int at, int length, float[] to) {
        from.get(at, halves, 0, length);
        for (int i = 0; i < length; i++) {
            to[i] = Float.intBitsToFloat(halves[i] << 16);
        }
    }

    /** The nearest bfloat16, ties to even; a NaN stays one. */
    private static short nearest(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }
}
