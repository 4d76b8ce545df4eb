package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Layer norm (Ba et al. 2016) and its backward. */
final class LayerNorm {
    private final LanePool lanes;
    private final Scratch widened;
    private final GainGradients gradients;

    LayerNorm(LanePool lanes, Scratch widened, GainGradients gradients) {
        this.lanes = lanes;
        this.widened = widened;
        this.gradients = gradients;
    }

    void forward(Tensor in, Tensor gain, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor inverseDeviation) {
        int columns = Math.toIntExact(in.columns());
        FloatOperands operands = new FloatOperands(widened, columns);
        FloatOperands.Operand source = operands.of(in, "in");
        FloatOperands.Operand gains = operands.of(gain, 1, columns, "gain");
        FloatOperands.Operand biases = operands.of(bias, 1, columns, "bias");
        FloatOperands.Operand target = operands.of(out, in.rows(), columns, "out");
        Rows means = Rows.floats(mean, 1, in.rows(), "mean");
        Rows inverses = Rows.floats(inverseDeviation, 1, in.rows(), "inverseDeviation");
        lanes.ranges(in.rows(), Pieces.rowGrain(columns), (first, end, lane) -> {
            FloatSpan x = source.on(lane);
            FloatSpan y = target.on(lane);
            FloatSpan g = gains.on(lane).read(0, columns);
            FloatSpan b = biases.on(lane).read(0, columns);
            for (long row = first; row < end; row++) {
                x.read(row, columns);
                y.place(row, columns);
                float rowMean = sumLoop(x.address(), columns) / columns;
                float variance = squaredDistancesLoop(x.address(), columns, rowMean) / columns;
                float inverse = (float) (1 / Math.sqrt(variance + epsilon));
                normaliseLoop(x.address(), columns, rowMean, inverse, g.address(), b.address(), y.address());
                y.write();
                means.setFloat(row, rowMean);
                inverses.setFloat(row, inverse);
            }
        });
    }

    private static float sumLoop(long x, int columns) {
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            sum0 = sum0.add(Floats.load(x + i));
            sum1 = sum1.add(Floats.load(x + i + Floats.BYTES));
        }
        if (i < whole) {
            sum0 = sum0.add(Floats.load(x + i));
        }
        float sum = Floats.sum(sum0.add(sum1));
        for (int j = whole; j < columns * Float.BYTES; j += Float.BYTES) {
            sum += Native.getFloat(x + j);
        }
        return sum;
    }

    private static float squaredDistancesLoop(long x, int columns, float mean) {
        FloatVector vMean = Floats.all(mean);
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int whole = Floats.whole(columns) * Float.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            FloatVector d0 = Floats.load(x + i).sub(vMean);
            FloatVector d1 = Floats.load(x + i + Floats.BYTES).sub(vMean);
            sum0 = d0.fma(d0, sum0);
            sum1 = d1.fma(d1, sum1);
        }
        if (i < whole) {
            FloatVector d = Floats.load(x + i).sub(vMean);
            sum0 = d.fma(d, sum0);
        }
        float sum = Floats.sum(sum0.add(sum1));
        for (int j = whole; j < columns * Float.BYTES; j += Float.BYTES) {
            float d = Native.getFloat(x + j) - mean;
            sum = Math.fma(d, d, sum);
        }
        return sum;
    }

    private static void normaliseLoop(long x, int columns, float mean, float inverse, long gain, long bias, long out) {
        FloatVector vMean = Floats.all(mean);
        FloatVector vInverse = Floats.all(inverse);
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector normal = Floats.load(x + i).sub(vMean).mul(vInverse);
            Floats.store(normal.fma(Floats.load(gain + i), Floats.load(bias + i)), out + i);
        }
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            float normal = (Native.getFloat(x + i) - mean) * inverse;
            Native.putFloat(out + i, Math.fma(normal, Native.getFloat(gain + i), Native.getFloat(bias + i)));
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
        int columns = Math.toIntExact(in.columns());
        FloatOperands operands = new FloatOperands(widened, columns);
        FloatOperands.Operand given0 = operands.of(outGradient, in.rows(), columns, "outGradient");
        FloatOperands.Operand given1 = operands.of(outGradient, in.rows(), columns, "outGradient");
        FloatOperands.Operand source0 = operands.of(in, "in");
        FloatOperands.Operand source1 = operands.of(in, "in");
        FloatOperands.Operand gains = operands.of(gain, 1, columns, "gain");
        FloatOperands.Operand target = operands.of(inGradient, in.rows(), columns, "inGradient");
        Rows means = Rows.floats(mean, 1, in.rows(), "mean");
        Rows inverses = Rows.floats(inverseDeviation, 1, in.rows(), "inverseDeviation");
        GainGradients.BlockTask task = (first, end, lane, sums) -> {
            NormBackward.Row row0 = new NormBackward.Row(given0.on(lane), source0.on(lane));
            NormBackward.Row row1 = new NormBackward.Row(given1.on(lane), source1.on(lane));
            FloatSpan g = gains.on(lane).read(0, columns);
            FloatSpan dx = target.on(lane);
            // Two rows at once pay where rows come from scratch; more streams from memory hinder its prefetching.
            long half = in.type() == DataType.BFLOAT16 ? (end - first) / 2 : 0;
            for (long row = first; row < first + half; row++) {
                row0.read(row, columns, means.getFloat(row), inverses.getFloat(row));
                long far = row + half;
                row1.read(far, columns, means.getFloat(far), inverses.getFloat(far));
                NormBackward.addLoop(row0, row1, columns, g, sums);
                addInGradient(row0, row, columns, g, dx);
                addInGradient(row1, far, columns, g, dx);
            }
            for (long row = first + 2 * half; row < end; row++) {
                row0.read(row, columns, means.getFloat(row), inverses.getFloat(row));
                NormBackward.addLoop(row0, columns, g, sums);
                addInGradient(row0, row, columns, g, dx);
            }
        };
        gradients.blocks(in.rows(), columns, task, gainGradient, biasGradient);
    }

    private static void addInGradient(NormBackward.Row row, long number, int columns, FloatSpan gain, FloatSpan dx) {
        dx.read(number, columns);
        NormBackward.addInGradient(row, columns, gain, dx);
        dx.write();
    }
}
