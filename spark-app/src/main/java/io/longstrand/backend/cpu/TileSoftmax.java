package io.longstrand.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * One row of a softmax tile, in powers of two. Each method is one small loop over the columns {@code from} (inclusive)
 * to {@code to} (exclusive): the compiler keeps vectors of a larger one as objects.
 */
final class TileSoftmax {
    private static final FloatVector UNSEEN = Floats.all(Float.NEGATIVE_INFINITY);
    private static final FloatVector NOTHING = Floats.all(0f);

    private TileSoftmax() {}

    /** The largest visible score, −∞ where there is none. */
    static float maximum(long row, VisibleKeys visible) {
        float most = largestLoop(row, visible.solid(), visible.solidEnd());
        most = Math.max(most, largestSeenLoop(row, visible.start(), visible.solid(), visible));
        most = Math.max(most, largestSeenLoop(row, visible.solidEnd(), visible.stop(), visible));
        if (visible.tail()) {
            for (int column = visible.vectors(); column < visible.keys(); column++) {
                most = visible.visible(column) ? Math.max(most, Native.getFloat(row + column * Float.BYTES)) : most;
            }
        }
        return most;
    }

    /**
     * The largest value of whole vectors. As integers, floats of which one is not negative have the same maximum, and
     * that takes one instruction a vector; where all are negative, the row is gone over again.
     */
    private static float largestLoop(long row, int from, int to) {
        if (from >= to) {
            return Float.NEGATIVE_INFINITY;
        }
        long i = row + (long) from * Float.BYTES;
        long end = row + (long) to * Float.BYTES;
        IntVector most0 = Floats.load(i).reinterpretAsInts();
        IntVector most1 = most0;
        for (; i <= end - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            most0 = most0.max(Floats.load(i).reinterpretAsInts());
            most1 = most1.max(Floats.load(i + Floats.BYTES).reinterpretAsInts());
        }
        if (i < end) {
            most0 = most0.max(Floats.load(i).reinterpretAsInts());
        }
        int most = most0.max(most1).reduceLanes(VectorOperators.MAX);
        return most >= 0 ? Float.intBitsToFloat(most) : largestNegativeLoop(row, from, to);
    }

    private static float largestNegativeLoop(long row, int from, int to) {
        FloatVector most = Floats.all(Float.NEGATIVE_INFINITY);
        for (long i = row + (long) from * Float.BYTES; i < row + (long) to * Float.BYTES; i += Floats.BYTES) {
            most = Floats.larger(most, Floats.load(i));
        }
        return most.reduceLanes(VectorOperators.MAX);
    }

    private static float largestSeenLoop(long row, int from, int to, VisibleKeys visible) {
        if (from >= to) {
            return Float.NEGATIVE_INFINITY; // most rows have no mixed vectors, and a reduction takes as long as a few
        }
        FloatVector most = Floats.all(Float.NEGATIVE_INFINITY);
        for (int column = from; column < to; column += Floats.WIDTH) {
            FloatVector scores = Floats.load(row + column * Float.BYTES);
            most = Floats.larger(most, LaneMask.keep(scores, visible.lanes(column), UNSEEN));
        }
        return most.reduceLanes(VectorOperators.MAX);
    }

    /** Makes the visible scores {@code 2^(factor · score − reference)}, the others 0, and returns the sum. */
    static float exponentiate(long row, TileRow out, VisibleKeys visible, float factor, float reference) {
        out.clear(0, visible.start());
        float sum = out.narrow()
                ? wholeRoundedLoop(row, out, visible.solid(), visible.solidEnd(), factor, reference)
                : wholeLoop(row, out, visible.solid(), visible.solidEnd(), factor, reference);
        sum += seenLoop(row, out, visible.start(), visible.solid(), visible, factor, reference);
        sum += seenLoop(row, out, visible.solidEnd(), visible.stop(), visible, factor, reference);
        if (!visible.tail()) {
            out.clear(visible.stop(), visible.keys());
            return sum;
        }
        out.clear(visible.stop(), visible.vectors());
        for (int column = visible.vectors(); column < visible.keys(); column++) {
            float score = Native.getFloat(row + column * Float.BYTES);
            float e = visible.visible(column) ? PowerOfTwo.of(Math.fma(score, factor, -reference)) : 0f;
            out.put(column, e);
            sum += e;
        }
        return sum;
    }

    private static float wholeLoop(long row, TileRow out, int from, int to, float factor, float reference) {
        long target = out.address();
        FloatVector vFactor = Floats.all(factor);
        FloatVector vReference = Floats.all(-reference);
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int column = from;
        for (; column <= to - 2 * Floats.WIDTH; column += 2 * Floats.WIDTH) {
            long i = row + column * Float.BYTES;
            FloatVector e0 = PowerOfTwo.of(Floats.load(i).fma(vFactor, vReference));
            FloatVector e1 = PowerOfTwo.of(Floats.load(i + Floats.BYTES).fma(vFactor, vReference));
            Floats.store(e0, target + column * Float.BYTES);
            Floats.store(e1, target + (column + Floats.WIDTH) * Float.BYTES);
            sum0 = sum0.add(e0);
            sum1 = sum1.add(e1);
        }
        if (column < to) {
            FloatVector e =
                    PowerOfTwo.of(Floats.load(row + column * Float.BYTES).fma(vFactor, vReference));
            Floats.store(e, target + column * Float.BYTES);
            sum0 = sum0.add(e);
        }
        return sum0.add(sum1).reduceLanes(VectorOperators.ADD);
    }

    /** As {@link #wholeLoop}, into BFLOAT16: unrolled and with both types in one loop it takes three times as long. */
    private static float wholeRoundedLoop(long row, TileRow out, int from, int to, float factor, float reference) {
        long target = out.address();
        FloatVector vFactor = Floats.all(factor);
        FloatVector vReference = Floats.all(-reference);
        FloatVector sum = Floats.all(0f);
        for (int column = from; column < to; column += Floats.WIDTH) {
            FloatVector e =
                    PowerOfTwo.of(Floats.load(row + column * Float.BYTES).fma(vFactor, vReference));
            TileRow.store(target, column, e, true);
            sum = sum.add(e);
        }
        return sum.reduceLanes(VectorOperators.ADD);
    }

    private static float seenLoop(
            long row, TileRow out, int from, int to, VisibleKeys visible, float factor, float reference) {
        if (from >= to) {
            return 0f;
        }
        long target = out.address();
        boolean narrow = out.narrow();
        FloatVector vFactor = Floats.all(factor);
        FloatVector vReference = Floats.all(-reference);
        FloatVector sum = Floats.all(0f);
        for (int column = from; column < to; column += Floats.WIDTH) {
            FloatVector e =
                    PowerOfTwo.of(Floats.load(row + column * Float.BYTES).fma(vFactor, vReference));
            FloatVector kept = LaneMask.keep(e, visible.lanes(column), NOTHING);
            TileRow.store(target, column, kept, narrow);
            sum = sum.add(kept);
        }
        return sum.reduceLanes(VectorOperators.ADD);
    }

    /** Multiplies {@code length} adjacent floats. */
    static void scaleLoop(long values, int length, float factor) {
        FloatVector vFactor = Floats.all(factor);
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            Floats.store(Floats.load(values + i).mul(vFactor), values + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            Native.putFloat(values + i, Native.getFloat(values + i) * factor);
        }
    }

    /**
     * Recomputes probabilities {@code P = 2^(factor · score − reference)} of the visible scores and makes gradients
     * {@code P · (dP · scale − shift)} of them; 0 where hidden.
     */
    static void recompute(
            long row, long gradient, TileRow out, TileRow gradientOut, VisibleKeys visible, Recomputation by) {
        clear(out, gradientOut, 0, visible.start());
        recomputeWholeLoop(row, gradient, out, gradientOut, visible.solid(), visible.solidEnd(), by);
        recomputeSeenLoop(row, gradient, out, gradientOut, visible.start(), visible.solid(), visible, by);
        recomputeSeenLoop(row, gradient, out, gradientOut, visible.solidEnd(), visible.stop(), visible, by);
        if (!visible.tail()) {
            clear(out, gradientOut, visible.stop(), visible.keys());
            return;
        }
        clear(out, gradientOut, visible.stop(), visible.vectors());
        for (int column = visible.vectors(); column < visible.keys(); column++) {
            int i = column * Float.BYTES;
            float p = 0f;
            float d = 0f;
            if (visible.visible(column)) {
                p = PowerOfTwo.of(Math.fma(Native.getFloat(row + i), by.factor(), -by.reference()));
                d = p * Math.fma(Native.getFloat(gradient + i), by.scale(), -by.shift());
            }
            out.put(column, p);
            gradientOut.put(column, d);
        }
    }

    /**
     * Numbers a row is recomputed with.
     *
     * @param factor scale · log₂ e
     * @param reference the log-sum-exp in powers of two
     * @param scale of the scores
     * @param shift delta · scale
     */
    record Recomputation(float factor, float reference, float scale, float shift) {}

    private static void clear(TileRow out, TileRow gradientOut, int from, int to) {
        out.clear(from, to);
        gradientOut.clear(from, to);
    }

    private static void recomputeWholeLoop(
            long row, long gradient, TileRow out, TileRow gradientOut, int from, int to, Recomputation by) {
        long target = out.address();
        long gradientTarget = gradientOut.address();
        boolean narrow = out.narrow();
        FloatVector factor = Floats.all(by.factor());
        FloatVector reference = Floats.all(-by.reference());
        FloatVector scale = Floats.all(by.scale());
        FloatVector shift = Floats.all(-by.shift());
        for (int column = from; column < to; column += Floats.WIDTH) {
            int i = column * Float.BYTES;
            FloatVector p = PowerOfTwo.of(Floats.load(row + i).fma(factor, reference));
            FloatVector d = Floats.load(gradient + i).fma(scale, shift);
            TileRow.store(target, column, p, narrow);
            TileRow.store(gradientTarget, column, p.mul(d), narrow);
        }
    }

    private static void recomputeSeenLoop(
            long row,
            long gradient,
            TileRow out,
            TileRow gradientOut,
            int from,
            int to,
            VisibleKeys visible,
            Recomputation by) {
        if (from >= to) {
            return;
        }
        long target = out.address();
        long gradientTarget = gradientOut.address();
        boolean narrow = out.narrow();
        FloatVector factor = Floats.all(by.factor());
        FloatVector reference = Floats.all(-by.reference());
        FloatVector scale = Floats.all(by.scale());
        FloatVector shift = Floats.all(-by.shift());
        for (int column = from; column < to; column += Floats.WIDTH) {
            int i = column * Float.BYTES;
            int lanes = visible.lanes(column);
            FloatVector p = PowerOfTwo.of(Floats.load(row + i).fma(factor, reference));
            FloatVector d = Floats.load(gradient + i).fma(scale, shift);
            TileRow.store(target, column, LaneMask.keep(p, lanes, NOTHING), narrow);
            TileRow.store(gradientTarget, column, LaneMask.keep(p.mul(d), lanes, NOTHING), narrow);
        }
    }
}
