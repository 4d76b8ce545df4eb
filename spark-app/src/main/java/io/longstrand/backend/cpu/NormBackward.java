package io.longstrand.backend.cpu;

import java.nio.ByteBuffer;
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
    static void addLoop(Row row, int columns, FloatSpan gain, ByteBuffer sums, int gainSumsAt) {
        ByteBuffer dy = row.dy.buffer();
        ByteBuffer x = row.x.buffer();
        ByteBuffer gains = gain.buffer();
        int dyAt = row.dy.at();
        int xAt = row.x.at();
        int gainAt = gain.at();
        int biasSumsAt = gainSumsAt + columns * Float.BYTES;
        FloatVector vMean = Floats.all(row.mean);
        FloatVector vInverse = Floats.all(row.inverse);
        FloatVector product = Floats.all(0f);
        FloatVector plain = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector gradient = Floats.load(dy, dyAt + i);
            FloatVector normal = Floats.load(x, xAt + i).sub(vMean).mul(vInverse);
            FloatVector g = gradient.mul(Floats.load(gains, gainAt + i));
            product = g.fma(normal, product);
            plain = plain.add(g);
            Floats.store(gradient.fma(normal, Floats.load(sums, gainSumsAt + i)), sums, gainSumsAt + i);
            Floats.store(gradient.add(Floats.load(sums, biasSumsAt + i)), sums, biasSumsAt + i);
        }
        row.productSum = Floats.sum(product);
        row.plainSum = Floats.sum(plain);
        addRest(row, columns, gain, sums, gainSumsAt);
    }

    /** Two rows at once: the sums, which are half of what one row reads and writes, are touched once for both. */
    static void addLoop(Row row0, Row row1, int columns, FloatSpan gain, ByteBuffer sums, int gainSumsAt) {
        ByteBuffer dy0 = row0.dy.buffer();
        ByteBuffer dy1 = row1.dy.buffer();
        ByteBuffer x0 = row0.x.buffer();
        ByteBuffer x1 = row1.x.buffer();
        ByteBuffer gains = gain.buffer();
        int dy0At = row0.dy.at();
        int dy1At = row1.dy.at();
        int x0At = row0.x.at();
        int x1At = row1.x.at();
        int gainAt = gain.at();
        int biasSumsAt = gainSumsAt + columns * Float.BYTES;
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
            FloatVector gradient0 = Floats.load(dy0, dy0At + i);
            FloatVector gradient1 = Floats.load(dy1, dy1At + i);
            FloatVector normal0 = Floats.load(x0, x0At + i).sub(mean0).mul(inverse0);
            FloatVector normal1 = Floats.load(x1, x1At + i).sub(mean1).mul(inverse1);
            FloatVector vGain = Floats.load(gains, gainAt + i);
            FloatVector g0 = gradient0.mul(vGain);
            FloatVector g1 = gradient1.mul(vGain);
            product0 = g0.fma(normal0, product0);
            product1 = g1.fma(normal1, product1);
            plain0 = plain0.add(g0);
            plain1 = plain1.add(g1);
            FloatVector gainSum = gradient0.fma(normal0, Floats.load(sums, gainSumsAt + i));
            FloatVector biasSum = gradient0.add(Floats.load(sums, biasSumsAt + i));
            Floats.store(gradient1.fma(normal1, gainSum), sums, gainSumsAt + i);
            Floats.store(gradient1.add(biasSum), sums, biasSumsAt + i);
        }
        row0.productSum = Floats.sum(product0);
        row1.productSum = Floats.sum(product1);
        row0.plainSum = Floats.sum(plain0);
        row1.plainSum = Floats.sum(plain1);
        addRest(row0, columns, gain, sums, gainSumsAt);
        addRest(row1, columns, gain, sums, gainSumsAt);
    }

    /** The columns that fill no vector. */
    private static void addRest(Row row, int columns, FloatSpan gain, ByteBuffer sums, int gainSumsAt) {
        for (int column = Floats.whole(columns); column < columns; column++) {
            int i = column * Float.BYTES;
            int biasSumAt = gainSumsAt + columns * Float.BYTES + i;
            float gradient = row.dy.buffer().getFloat(row.dy.at() + i);
            float normal = (row.x.buffer().getFloat(row.x.at() + i) - row.mean) * row.inverse;
            float g = gradient * gain.buffer().getFloat(gain.at() + i);
            row.productSum = Math.fma(g, normal, row.productSum);
            row.plainSum += g;
            sums.putFloat(gainSumsAt + i, Math.fma(gradient, normal, sums.getFloat(gainSumsAt + i)));
            sums.putFloat(biasSumAt, gradient + sums.getFloat(biasSumAt));
        }
    }

    /** RMS norm: {@code gainSums += dy · x̂}; returns Σ g · x̂. */
    static float addGainLoop(
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

    /** Layer norm, after its sums: {@code dx += inverse · (g − mean g − x̂ · mean (g · x̂))}. */
    static void addInGradient(Row row, int columns, FloatSpan gain, FloatSpan dx) {
        addInGradientLoop(
                row.dy.buffer(),
                row.dy.at(),
                row.x.buffer(),
                row.x.at(),
                columns,
                row.mean,
                row.inverse,
                row.productSum / columns,
                row.plainSum / columns,
                gain.buffer(),
                gain.at(),
                dx.buffer(),
                dx.at());
    }

    /** {@code dx += inverse · (g − plainMean − x̂ · productMean)}. */
    static void addInGradientLoop(
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
