package io.longstrand.backend.cpu;

import jdk.incubator.vector.FloatVector;

/** One row of both norms' backward passes, with x̂ = (x − mean) · inverse and g = dy · gain; RMS norm has mean 0. */
final class NormBackward {
    private NormBackward() {}

    /** What one row's backward needs: dy and x, the row's mean and inverse, and what is summed over it. */
    static final class Row {
        private final FloatSpan dy;
        private final FloatSpan x;
        private float mean;
        private float inverse;
        private float productSum;
        private float plainSum;

        Row(FloatSpan dy, FloatSpan x) {
            this.dy = dy;
            this.x = x;
        }

        /** Moves to a row. */
        void read(long row, int columns, float rowMean, float rowInverse) {
            dy.read(row, columns);
            x.read(row, columns);
            mean = rowMean;
            inverse = rowInverse;
        }
    }

    /**
     * Layer norm: {@code gainSums += dy · x̂}, {@code biasSums += dy}; leaves Σ g · x̂ and Σ g in the row.
     *
     * @param sums gainSums, and biasSums right after them
     */
    static void addLoop(Row row, int columns, FloatSpan gain, long sums) {
        long dy = row.dy.address();
        long x = row.x.address();
        long gains = gain.address();
        long biasSums = sums + columns * Float.BYTES;
        FloatVector vMean = Floats.all(row.mean);
        FloatVector vInverse = Floats.all(row.inverse);
        FloatVector product = Floats.all(0f);
        FloatVector plain = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector gradient = Floats.load(dy + i);
            FloatVector normal = Floats.load(x + i).sub(vMean).mul(vInverse);
            FloatVector g = gradient.mul(Floats.load(gains + i));
            product = g.fma(normal, product);
            plain = plain.add(g);
            Floats.store(gradient.fma(normal, Floats.load(sums + i)), sums + i);
            Floats.store(gradient.add(Floats.load(biasSums + i)), biasSums + i);
        }
        row.productSum = Floats.sum(product);
        row.plainSum = Floats.sum(plain);
        addRest(row, columns, gain, sums);
    }

    /** Two rows at once: the sums, which are half of what one row reads and writes, are touched once for both. */
    static void addLoop(Row row0, Row row1, int columns, FloatSpan gain, long sums) {
        long dy0 = row0.dy.address();
        long dy1 = row1.dy.address();
        long x0 = row0.x.address();
        long x1 = row1.x.address();
        long gains = gain.address();
        long biasSums = sums + columns * Float.BYTES;
        FloatVector mean0 = Floats.all(row0.mean);
        FloatVector mean1 = Floats.all(row1.mean);
        FloatVector inverse0 = Floats.all(row0.inverse);
        FloatVector inverse1 = Floats.all(row1.inverse);
        FloatVector product0 = Floats.all(0f);
        FloatVector product1 = Floats.all(0f);
        FloatVector plain0 = Floats.all(0f);
        FloatVector plain1 = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector gradient0 = Floats.load(dy0 + i);
            FloatVector gradient1 = Floats.load(dy1 + i);
            FloatVector normal0 = Floats.load(x0 + i).sub(mean0).mul(inverse0);
            FloatVector normal1 = Floats.load(x1 + i).sub(mean1).mul(inverse1);
            FloatVector vGain = Floats.load(gains + i);
            FloatVector g0 = gradient0.mul(vGain);
            FloatVector g1 = gradient1.mul(vGain);
            product0 = g0.fma(normal0, product0);
            product1 = g1.fma(normal1, product1);
            plain0 = plain0.add(g0);
            plain1 = plain1.add(g1);
            FloatVector gainSum = gradient0.fma(normal0, Floats.load(sums + i));
            FloatVector biasSum = gradient0.add(Floats.load(biasSums + i));
            Floats.store(gradient1.fma(normal1, gainSum), sums + i);
            Floats.store(gradient1.add(biasSum), biasSums + i);
        }
        row0.productSum = Floats.sum(product0);
        row1.productSum = Floats.sum(product1);
        row0.plainSum = Floats.sum(plain0);
        row1.plainSum = Floats.sum(plain1);
        addRest(row0, columns, gain, sums);
        addRest(row1, columns, gain, sums);
    }

    /** The columns that fill no vector. */
    private static void addRest(Row row, int columns, FloatSpan gain, long sums) {
        for (int column = Floats.whole(columns); column < columns; column++) {
            int i = column * Float.BYTES;
            long biasSum = sums + columns * Float.BYTES + i;
            float gradient = Native.getFloat(row.dy.address() + i);
            float normal = (Native.getFloat(row.x.address() + i) - row.mean) * row.inverse;
            float g = gradient * Native.getFloat(gain.address() + i);
            row.productSum = Math.fma(g, normal, row.productSum);
            row.plainSum += g;
            Native.putFloat(sums + i, Math.fma(gradient, normal, Native.getFloat(sums + i)));
            Native.putFloat(biasSum, gradient + Native.getFloat(biasSum));
        }
    }

    /** RMS norm: {@code gainSums += dy · x̂}; returns Σ g · x̂. */
    static float addGainLoop(long dy, long x, int columns, float inverse, long gain, long gainSums) {
        FloatVector vInverse = Floats.all(inverse);
        FloatVector product = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector byNormal = Floats.load(dy + i).mul(Floats.load(x + i).mul(vInverse));
            product = byNormal.fma(Floats.load(gain + i), product);
            Floats.store(byNormal.add(Floats.load(gainSums + i)), gainSums + i);
        }
        float productSum = Floats.sum(product);
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            float byNormal = Native.getFloat(dy + i) * (Native.getFloat(x + i) * inverse);
            productSum = Math.fma(byNormal, Native.getFloat(gain + i), productSum);
            Native.putFloat(gainSums + i, byNormal + Native.getFloat(gainSums + i));
        }
        return productSum;
    }

    /** Layer norm, after its sums: {@code dx += inverse · (g − mean g − x̂ · mean (g · x̂))}. */
    static void addInGradient(Row row, int columns, FloatSpan gain, FloatSpan dx) {
        addInGradientLoop(
                row.dy.address(),
                row.x.address(),
                columns,
                row.mean,
                row.inverse,
                row.productSum / columns,
                row.plainSum / columns,
                gain.address(),
                dx.address());
    }

    /** {@code dx += inverse · (g − plainMean − x̂ · productMean)}. */
    static void addInGradientLoop(
            long dy,
            long x,
            int columns,
            float mean,
            float inverse,
            float productMean,
            float plainMean,
            long gain,
            long dx) {
        FloatVector vMean = Floats.all(mean);
        FloatVector vInverse = Floats.all(inverse);
        FloatVector vProduct = Floats.all(-productMean * inverse);
        FloatVector vPlain = Floats.all(plainMean);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector distance = Floats.load(x + i).sub(vMean);
            FloatVector g = Floats.load(dy + i).mul(Floats.load(gain + i)).sub(vPlain);
            Floats.store(distance.fma(vProduct, g).fma(vInverse, Floats.load(dx + i)), dx + i);
        }
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            float distance = Native.getFloat(x + i) - mean;
            float g = Native.getFloat(dy + i) * Native.getFloat(gain + i) - plainMean;
            float inner = Math.fma(distance, -productMean * inverse, g);
            Native.putFloat(dx + i, Math.fma(inner, inverse, Native.getFloat(dx + i)));
        }
    }
}
