package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Layer norm (Ba et al. 2016) and its backward. */
final class LayerNorm {
    private final LanePool lanes;
    private final GainGradients gradients;

    LayerNorm(LanePool lanes, GainGradients gradients) {
        this.lanes = lanes;
        this.gradients = gradients;
    }

    void forward(Tensor in, Tensor gain, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor inverseDeviation) {
        Rows source = Rows.floats(in, "in");
        Rows gains = Rows.floats(gain, 1, in.columns(), "gain");
        Rows biases = Rows.floats(bias, 1, in.columns(), "bias");
        Rows target = Rows.floats(out, in.rows(), in.columns(), "out");
        Rows means = Rows.floats(mean, 1, in.rows(), "mean");
        Rows inverses = Rows.floats(inverseDeviation, 1, in.rows(), "inverseDeviation");
        int columns = Math.toIntExact(in.columns());
        ByteBuffer gainBuffer = gains.buffer(0);
        ByteBuffer biasBuffer = biases.buffer(0);
        int gainAt = gains.at(0);
        int biasAt = biases.at(0);
        lanes.ranges(in.rows(), GainGradients.grain(columns), (first, end, lane) -> {
            for (long row = first; row < end; row++) {
                ByteBuffer x = source.buffer(row);
                int at = source.at(row);
                float rowMean = sum(x, at, columns) / columns;
                float variance = squaredDistances(x, at, columns, rowMean) / columns;
                float inverse = (float) (1 / Math.sqrt(variance + epsilon));
                normalise(
                        x,
                        at,
                        columns,
                        rowMean,
                        inverse,
                        gainBuffer,
                        gainAt,
                        biasBuffer,
                        biasAt,
                        target.buffer(row),
                        target.at(row));
                means.setFloat(row, rowMean);
                inverses.setFloat(row, inverse);
            }
        });
    }

    private static float sum(ByteBuffer x, int at, int columns) {
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            sum0 = sum0.add(Floats.load(x, at + i));
            sum1 = sum1.add(Floats.load(x, at + i + Floats.BYTES));
        }
        if (i < whole) {
            sum0 = sum0.add(Floats.load(x, at + i));
        }
        float sum = sum0.add(sum1).reduceLanes(VectorOperators.ADD);
        for (int j = whole; j < columns * Float.BYTES; j += Float.BYTES) {
            sum += x.getFloat(at + j);
        }
        return sum;
    }

    private static float squaredDistances(ByteBuffer x, int at, int columns, float mean) {
        FloatVector vMean = Floats.all(mean);
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            FloatVector d0 = Floats.load(x, at + i).sub(vMean);
            FloatVector d1 = Floats.load(x, at + i + Floats.BYTES).sub(vMean);
            sum0 = d0.fma(d0, sum0);
            sum1 = d1.fma(d1, sum1);
        }
        if (i < whole) {
            FloatVector d = Floats.load(x, at + i).sub(vMean);
            sum0 = d.fma(d, sum0);
        }
        float sum = sum0.add(sum1).reduceLanes(VectorOperators.ADD);
        for (int j = whole; j < columns * Float.BYTES; j += Float.BYTES) {
            float d = x.getFloat(at + j) - mean;
            sum = Math.fma(d, d, sum);
        }
        return sum;
    }

    private static void normalise(
            ByteBuffer x,
            int at,
            int columns,
            float mean,
            float inverse,
            ByteBuffer gain,
            int gainAt,
            ByteBuffer bias,
            int biasAt,
            ByteBuffer out,
            int outAt) {
        FloatVector vMean = Floats.all(mean);
        FloatVector vInverse = Floats.all(inverse);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector normal = Floats.load(x, at + i).sub(vMean).mul(vInverse);
            Floats.store(normal.fma(Floats.load(gain, gainAt + i), Floats.load(bias, biasAt + i)), out, outAt + i);
        }
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            float normal = (x.getFloat(at + i) - mean) * inverse;
            out.putFloat(outAt + i, Math.fma(normal, gain.getFloat(gainAt + i), bias.getFloat(biasAt + i)));
        }
    }

    void backward(
            Tensor outGradient,
            Tensor in,
            Tensor gain,
            Tensor mean,
            Tensor inverseDeviation,
            Tensor inGradient,
            Tensor gainGradient,
            Tensor biasGradient) {
        Rows given = Rows.floats(outGradient, in.rows(), in.columns(), "outGradient");
        Rows source = Rows.floats(in, "in");
        Rows gains = Rows.floats(gain, 1, in.columns(), "gain");
        Rows means = Rows.floats(mean, 1, in.rows(), "mean");
        Rows inverses = Rows.floats(inverseDeviation, 1, in.rows(), "inverseDeviation");
        Rows target = Rows.floats(inGradient, in.rows(), in.columns(), "inGradient");
        int columns = Math.toIntExact(in.columns());
        ByteBuffer gainBuffer = gains.buffer(0);
        int gainAt = gains.at(0);
        GainGradients.RowTask task = (row, sums, sumsAt) -> {
            ByteBuffer dy = given.buffer(row);
            int dyAt = given.at(row);
            ByteBuffer x = source.buffer(row);
            int xAt = source.at(row);
            float rowMean = means.getFloat(row);
            float inverse = inverses.getFloat(row);
            NormBackward.add(
                    dy, dyAt, x, xAt, columns, rowMean, inverse, sums, sumsAt, sums, sumsAt + columns * Float.BYTES);
            float product = NormBackward.productSum(dy, dyAt, x, xAt, columns, rowMean, inverse, gainBuffer, gainAt);
            float plain = NormBackward.plainSum(dy, dyAt, columns, gainBuffer, gainAt);
            NormBackward.addInGradient(
                    dy,
                    dyAt,
                    x,
                    xAt,
                    columns,
                    rowMean,
                    inverse,
                    product / columns,
                    plain / columns,
                    gainBuffer,
                    gainAt,
                    target.buffer(row),
                    target.at(row));
        };
        gradients.rows(in.rows(), columns, task, gainGradient, biasGradient);
    }
}
