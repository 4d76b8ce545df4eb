package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** RMS norm (Zhang and Sennrich 2019) and its backward. */
final class RmsNorm {
    private final LanePool lanes;
    private final Scratch widened;
    private final GainGradients gradients;

    RmsNorm(LanePool lanes, Scratch widened, GainGradients gradients) {
        this.lanes = lanes;
        this.widened = widened;
        this.gradients = gradients;
    }

    void forward(Tensor in, Tensor gain, float epsilon, Tensor out, Tensor inverseRoot) {
        int columns = Math.toIntExact(in.columns());
        FloatOperands operands = new FloatOperands(widened, columns);
        FloatOperands.Operand source = operands.of(in, "in");
        FloatOperands.Operand gains = operands.of(gain, 1, columns, "gain");
        FloatOperands.Operand target = operands.of(out, in.rows(), columns, "out");
        Rows inverses = Rows.floats(inverseRoot, 1, in.rows(), "inverseRoot");
        lanes.ranges(in.rows(), Pieces.rowGrain(columns), (first, end, lane) -> {
            FloatSpan x = source.on(lane);
            FloatSpan y = target.on(lane);
            FloatSpan g = gains.on(lane).read(0, columns);
            for (long row = first; row < end; row++) {
                x.read(row, columns);
                y.place(row, columns);
                float inverse = (float) (1 / Math.sqrt(sumOfSquaresLoop(x.address(), columns) / columns + epsilon));
                scaleLoop(x.address(), columns, inverse, g.address(), y.address());
                y.write();
                inverses.setFloat(row, inverse);
            }
        });
    }

    private static float sumOfSquaresLoop(long x, int columns) {
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            FloatVector x0 = Floats.load(x + i);
            FloatVector x1 = Floats.load(x + i + Floats.BYTES);
            sum0 = x0.fma(x0, sum0);
            sum1 = x1.fma(x1, sum1);
        }
        if (i < whole) {
            FloatVector last = Floats.load(x + i);
            sum0 = last.fma(last, sum0);
        }
        float sum = Floats.sum(sum0.add(sum1));
        for (int j = whole; j < columns * Float.BYTES; j += Float.BYTES) {
            sum = Math.fma(Native.getFloat(x + j), Native.getFloat(x + j), sum);
        }
        return sum;
    }

    private static void scaleLoop(long x, int columns, float inverse, long gain, long out) {
        FloatVector vInverse = Floats.all(inverse);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            Floats.store(Floats.load(x + i).mul(vInverse).mul(Floats.load(gain + i)), out + i);
        }
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            Native.putFloat(out + i, Native.getFloat(x + i) * inverse * Native.getFloat(gain + i));
        }
    }

    void backward(
            Tensor outGradient, Tensor in, Tensor gain, Tensor inverseRoot, Tensor inGradient, Tensor gainGradient) {
        int columns = Math.toIntExact(in.columns());
        FloatOperands operands = new FloatOperands(widened, columns);
        FloatOperands.Operand given = operands.of(outGradient, in.rows(), columns, "outGradient");
        FloatOperands.Operand source = operands.of(in, "in");
        FloatOperands.Operand gains = operands.of(gain, 1, columns, "gain");
        FloatOperands.Operand target = operands.of(inGradient, in.rows(), columns, "inGradient");
        Rows inverses = Rows.floats(inverseRoot, 1, in.rows(), "inverseRoot");
        GainGradients.BlockTask task = (first, end, lane, sums) -> {
            FloatSpan dy = given.on(lane);
            FloatSpan x = source.on(lane);
            FloatSpan g = gains.on(lane).read(0, columns);
            FloatSpan dx = target.on(lane);
            for (long row = first; row < end; row++) {
                dy.read(row, columns);
                x.read(row, columns);
                dx.read(row, columns);
                float inverse = inverses.getFloat(row);
                float product =
                        NormBackward.addGainLoop(dy.address(), x.address(), columns, inverse, g.address(), sums);
                NormBackward.addInGradientLoop(
                        dy.address(),
                        x.address(),
                        columns,
                        0f,
                        inverse,
                        product / columns,
                        0f,
                        g.address(),
                        dx.address());
                dx.write();
            }
        };
        gradients.blocks(in.rows(), columns, task, gainGradient);
    }
}
