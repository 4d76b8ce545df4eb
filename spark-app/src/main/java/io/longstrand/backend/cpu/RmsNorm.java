package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** RMS norm (Zhang and Sennrich 2019) and its backward. */
final class RmsNorm {
    private final LanePool lanes;
    private final GainGradients gradients;

    RmsNorm(LanePool lanes, GainGradients gradients) {
        this.lanes = lanes;
        this.gradients = gradients;
    }

    void forward(Tensor in, Tensor gain, float epsilon, Tensor out, Tensor inverseRoot) {
        Rows source = Rows.floats(in, "in");
        Rows gains = Rows.floats(gain, 1, in.columns(), "gain");
        Rows target = Rows.floats(out, in.rows(), in.columns(), "out");
        Rows inverses = Rows.floats(inverseRoot, 1, in.rows(), "inverseRoot");
        int columns = Math.toIntExact(in.columns());
        ByteBuffer gainBuffer = gains.buffer(0);
        int gainAt = gains.at(0);
        lanes.ranges(in.rows(), GainGradients.grain(columns), (first, end, lane) -> {
            for (long row = first; row < end; row++) {
                ByteBuffer x = source.buffer(row);
                int at = source.at(row);
                float inverse = (float) (1 / Math.sqrt(sumOfSquares(x, at, columns) / columns + epsilon));
                scale(x, at, columns, inverse, gainBuffer, gainAt, target.buffer(row), target.at(row));
                inverses.setFloat(row, inverse);
            }
        });
    }

    private static float sumOfSquares(ByteBuffer x, int at, int columns) {
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            FloatVector x0 = Floats.load(x, at + i);
            FloatVector x1 = Floats.load(x, at + i + Floats.BYTES);
            sum0 = x0.fma(x0, sum0);
            sum1 = x1.fma(x1, sum1);
        }
        if (i < whole) {
            FloatVector last = Floats.load(x, at + i);
            sum0 = last.fma(last, sum0);
        }
        float sum = sum0.add(sum1).reduceLanes(VectorOperators.ADD);
        for (int j = whole; j < columns * Float.BYTES; j += Float.BYTES) {
            sum = Math.fma(x.getFloat(at + j), x.getFloat(at + j), sum);
        }
        return sum;
    }

    private static void scale(
            ByteBuffer x, int at, int columns, float inverse, ByteBuffer gain, int gainAt, ByteBuffer out, int outAt) {
        FloatVector vInverse = Floats.all(inverse);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            Floats.store(Floats.load(x, at + i).mul(vInverse).mul(Floats.load(gain, gainAt + i)), out, outAt + i);
        }
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            out.putFloat(outAt + i, x.getFloat(at + i) * inverse * gain.getFloat(gainAt + i));
        }
    }

    void backward(
            Tensor outGradient, Tensor in, Tensor gain, Tensor inverseRoot, Tensor inGradient, Tensor gainGradient) {
        Rows given = Rows.floats(outGradient, in.rows(), in.columns(), "outGradient");
        Rows source = Rows.floats(in, "in");
        Rows gains = Rows.floats(gain, 1, in.columns(), "gain");
        Rows inverses = Rows.floats(inverseRoot, 1, in.rows(), "inverseRoot");
        Rows target = Rows.floats(inGradient, in.rows(), in.columns(), "inGradient");
        int columns = Math.toIntExact(in.columns());
        ByteBuffer gainBuffer = gains.buffer(0);
        int gainAt = gains.at(0);
        GainGradients.RowTask task = (row, sums, sumsAt) -> {
            ByteBuffer dy = given.buffer(row);
            int dyAt = given.at(row);
            ByteBuffer x = source.buffer(row);
            int xAt = source.at(row);
            float inverse = inverses.getFloat(row);
            NormBackward.addGain(dy, dyAt, x, xAt, columns, inverse, sums, sumsAt);
            float product = NormBackward.productSum(dy, dyAt, x, xAt, columns, 0f, inverse, gainBuffer, gainAt);
            NormBackward.addInGradient(
                    dy,
                    dyAt,
                    x,
                    xAt,
                    columns,
                    0f,
                    inverse,
                    product / columns,
                    0f,
                    gainBuffer,
                    gainAt,
                    target.buffer(row),
                    target.at(row));
        };
        gradients.rows(in.rows(), columns, task, gainGradient);
    }
}
