package io.longstrand.backend.cpu;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** One row of both norms' backward passes, with x̂ = (x − mean) · inverse and g = dy · gain; RMS norm has mean 0. */
final class NormBackward {
    private NormBackward() {}

    /**
     * Layer norm: {@code gainSums += dy · x̂}, {@code biasSums += dy}.
     *
     * @param sums receives Σ g · x̂ and Σ g
     */
    static void add(
            ByteBuffer dy,
            int dyAt,
            ByteBuffer x,
            int xAt,
            int columns,
            float mean,
            float inverse,
            ByteBuffer gain,
            int gainAt,
            ByteBuffer gainSums,
            int gainSumsAt,
            int biasSumsAt,
            float[] sums) {
        FloatVector vMean = Floats.all(mean);
        FloatVector vInverse = Floats.all(inverse);
        FloatVector product = Floats.all(0f);
        FloatVector plain = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector gradient = Floats.load(dy, dyAt + i);
            FloatVector normal = Floats.load(x, xAt + i).sub(vMean).mul(vInverse);
            FloatVector g = gradient.mul(Floats.load(gain, gainAt + i));
            product = g.fma(normal, product);
            plain = plain.add(g);
            Floats.store(gradient.fma(normal, Floats.load(gainSums, gainSumsAt + i)), gainSums, gainSumsAt + i);
            Floats.store(gradient.add(Floats.load(gainSums, biasSumsAt + i)), gainSums, biasSumsAt + i);
        }
        float productSum = Floats.sum(product);
        float plainSum = Floats.sum(plain);
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            float gradient = dy.getFloat(dyAt + i);
            float normal = (x.getFloat(xAt + i) - mean) * inverse;
            float g = gradient * gain.getFloat(gainAt + i);
            productSum = Math.fma(g, normal, productSum);
            plainSum += g;
            gainSums.putFloat(gainSumsAt + i, Math.fma(gradient, normal, gainSums.getFloat(gainSumsAt + i)));
            gainSums.putFloat(biasSumsAt + i, gradient + gainSums.getFloat(biasSumsAt + i));
        }
        sums[0] = productSum;
        sums[1] = plainSum;
    }

    /** RMS norm: {@code gainSums += dy · x̂}; returns Σ g · x̂. */
    static float addGain(
            ByteBuffer dy,
            int dyAt,
            ByteBuffer x,
            int xAt,
            int columns,
            float inverse,
            ByteBuffer gain,
            int gainAt,
            ByteBuffer gainSums,
            int gainSumsAt) {
        FloatVector vInverse = Floats.all(inverse);
        FloatVector product = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector byNormal =
                    Floats.load(dy, dyAt + i).mul(Floats.load(x, xAt + i).mul(vInverse));
            product = byNormal.fma(Floats.load(gain, gainAt + i), product);
            Floats.store(byNormal.add(Floats.load(gainSums, gainSumsAt + i)), gainSums, gainSumsAt + i);
        }
        float productSum = Floats.sum(product);
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            float byNormal = dy.getFloat(dyAt + i) * (x.getFloat(xAt + i) * inverse);
            productSum = Math.fma(byNormal, gain.getFloat(gainAt + i), productSum);
            gainSums.putFloat(gainSumsAt + i, byNormal + gainSums.getFloat(gainSumsAt + i));
        }
        return productSum;
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
