package io.longstrand.backend.cpu;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** One row of both norms' backward passes, with x̂ = (x − mean) · inverse and g = dy · gain; RMS norm has mean 0. */
final class NormBackward {
    private NormBackward() {}

    /** {@code gainSums += dy · x̂} and {@code biasSums += dy}. */
    static void add(
            ByteBuffer dy,
            int dyAt,
            ByteBuffer x,
            int xAt,
            int columns,
            float mean,
            float inverse,
            ByteBuffer gainSums,
            int gainSumsAt,
            ByteBuffer biasSums,
            int biasSumsAt) {
        FloatVector vMean = Floats.all(mean);
        FloatVector vInverse = Floats.all(inverse);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector gradient = Floats.load(dy, dyAt + i);
            FloatVector normal = Floats.load(x, xAt + i).sub(vMean).mul(vInverse);
            Floats.store(gradient.fma(normal, Floats.load(gainSums, gainSumsAt + i)), gainSums, gainSumsAt + i);
            Floats.store(gradient.add(Floats.load(biasSums, biasSumsAt + i)), biasSums, biasSumsAt + i);
        }
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            float gradient = dy.getFloat(dyAt + i);
            float normal = (x.getFloat(xAt + i) - mean) * inverse;
            gainSums.putFloat(gainSumsAt + i, Math.fma(gradient, normal, gainSums.getFloat(gainSumsAt + i)));
            biasSums.putFloat(biasSumsAt + i, gradient + biasSums.getFloat(biasSumsAt + i));
        }
    }

    /** {@code gainSums += dy · x̂} where the mean is 0. */
    static void addGain(
            ByteBuffer dy, int dyAt, ByteBuffer x, int xAt, int columns, float inverse, ByteBuffer sums, int sumsAt) {
        FloatVector vInverse = Floats.all(inverse);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector normal = Floats.load(x, xAt + i).mul(vInverse);
            Floats.store(Floats.load(dy, dyAt + i).fma(normal, Floats.load(sums, sumsAt + i)), sums, sumsAt + i);
        }
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            float normal = x.getFloat(xAt + i) * inverse;
            sums.putFloat(sumsAt + i, Math.fma(dy.getFloat(dyAt + i), normal, sums.getFloat(sumsAt + i)));
        }
    }

    /** {@code Σ g · x̂}. */
    static float productSum(
            ByteBuffer dy,
            int dyAt,
            ByteBuffer x,
            int xAt,
            int columns,
            float mean,
            float inverse,
            ByteBuffer gain,
            int gainAt) {
        FloatVector vMean = Floats.all(mean);
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            int j = i + Floats.BYTES;
            FloatVector g0 = Floats.load(dy, dyAt + i).mul(Floats.load(gain, gainAt + i));
            FloatVector g1 = Floats.load(dy, dyAt + j).mul(Floats.load(gain, gainAt + j));
            sum0 = g0.fma(Floats.load(x, xAt + i).sub(vMean), sum0);
            sum1 = g1.fma(Floats.load(x, xAt + j).sub(vMean), sum1);
        }
        if (i < whole) {
            FloatVector g = Floats.load(dy, dyAt + i).mul(Floats.load(gain, gainAt + i));
            sum0 = g.fma(Floats.load(x, xAt + i).sub(vMean), sum0);
        }
        float sum = sum0.add(sum1).reduceLanes(VectorOperators.ADD);
        for (int j = whole; j < columns * Float.BYTES; j += Float.BYTES) {
            float g = dy.getFloat(dyAt + j) * gain.getFloat(gainAt + j);
            sum = Math.fma(g, x.getFloat(xAt + j) - mean, sum);
        }
        return sum * inverse;
    }

    /** {@code Σ g}. */
    static float plainSum(ByteBuffer dy, int dyAt, int columns, ByteBuffer gain, int gainAt) {
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            int j = i + Floats.BYTES;
            sum0 = Floats.load(dy, dyAt + i).fma(Floats.load(gain, gainAt + i), sum0);
            sum1 = Floats.load(dy, dyAt + j).fma(Floats.load(gain, gainAt + j), sum1);
        }
        if (i < whole) {
            sum0 = Floats.load(dy, dyAt + i).fma(Floats.load(gain, gainAt + i), sum0);
        }
        float sum = sum0.add(sum1).reduceLanes(VectorOperators.ADD);
        for (int j = whole; j < columns * Float.BYTES; j += Float.BYTES) {
            sum = Math.fma(dy.getFloat(dyAt + j), gain.getFloat(gainAt + j), sum);
        }
        return sum;
    }

    /** {@code dx += inverse · (g − plainMean − x̂ · productMean)}. */
    static void addInGradient(
            ByteBuffer dy,
            int dyAt,
            ByteBuffer x,
            int xAt,
            int columns,
            float mean,
            float inverse,
            float productMean,
            float plainMean,
            ByteBuffer gain,
            int gainAt,
            ByteBuffer dx,
            int dxAt) {
        FloatVector vMean = Floats.all(mean);
        FloatVector vInverse = Floats.all(inverse);
        FloatVector vProduct = Floats.all(-productMean * inverse);
        FloatVector vPlain = Floats.all(plainMean);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector distance = Floats.load(x, xAt + i).sub(vMean);
            FloatVector g =
                    Floats.load(dy, dyAt + i).mul(Floats.load(gain, gainAt + i)).sub(vPlain);
            Floats.store(distance.fma(vProduct, g).fma(vInverse, Floats.load(dx, dxAt + i)), dx, dxAt + i);
        }
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            float distance = x.getFloat(xAt + i) - mean;
            float g = dy.getFloat(dyAt + i) * gain.getFloat(gainAt + i) - plainMean;
            float inner = Math.fma(distance, -productMean * inverse, g);
            dx.putFloat(dxAt + i, Math.fma(inner, inverse, dx.getFloat(dxAt + i)));
        }
    }
}
