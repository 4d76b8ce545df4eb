package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Sums whose order depends on the shape alone. */
final class Reductions {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    /** As many floats as {@link #DOUBLES} has elements. */
    private static final VectorSpecies<Float> HALF =
            VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));
    /** Columns one task sums: their sums stay in the first cache. */
    static final int COLUMNS = 512;
    /** Rows summed before they join the total, which keeps rounding errors of long columns small. */
    private static final int ROWS = 256;
    /** Rows that are summed before the sums so far are touched. */
    private static final int AT_ONCE = 4;

    private final LanePool lanes;
    private final Scratch widened;

    Reductions(LanePool lanes, Scratch widened) {
        this.lanes = lanes;
        this.widened = widened;
    }

    double sumOfSquares(Tensor in) {
        Pieces pieces = new Pieces(in);
        FloatOperands.Operand source = new FloatOperands(widened, pieces.longest()).of(in, "in");
        double[] partial = new double[Math.toIntExact(pieces.count())];
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            FloatSpan x = source.on(lane);
            for (long i = first; i < end; i++) {
                x.read(pieces, i);
                partial[(int) i] = squaresLoop(x.buffer(), x.at(), pieces.length(i));
            }
        });
        double sum = 0;
        for (double part : partial) {
            sum += part;
        }
        return sum;
    }

    private static double squaresLoop(ByteBuffer in, int at, int length) {
        DoubleVector sum0 = DoubleVector.zero(DOUBLES);
        DoubleVector sum1 = DoubleVector.zero(DOUBLES);
        DoubleVector sum2 = DoubleVector.zero(DOUBLES);
        DoubleVector sum3 = DoubleVector.zero(DOUBLES);
        int half = Floats.BYTES / 2; // two vectors of doubles are one of floats
        int whole = Floats.whole(length) * Float.BYTES;
        int i = at;
        for (; i <= at + whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            DoubleVector x0 = doubles(in, i);
            DoubleVector x1 = doubles(in, i + half);
            DoubleVector x2 = doubles(in, i + 2 * half);
            DoubleVector x3 = doubles(in, i + 3 * half);
            sum0 = x0.fma(x0, sum0);
            sum1 = x1.fma(x1, sum1);
            sum2 = x2.fma(x2, sum2);
            sum3 = x3.fma(x3, sum3);
        }
        double sum = sum0.add(sum1).add(sum2.add(sum3)).reduceLanes(VectorOperators.ADD);
        for (; i < at + length * Float.BYTES; i += Float.BYTES) {
            double x = in.getFloat(i);
            sum += x * x;
        }
        return sum;
    }

    private static DoubleVector doubles(ByteBuffer in, int at) {
        return (DoubleVector) FloatVector.fromByteBuffer(HALF, in, at, ByteOrder.LITTLE_ENDIAN)
                .convertShape(VectorOperators.F2D, DOUBLES, 0);
    }

    /** Bytes of scratch a lane takes for sums of columns, at most. */
    static long columnSumBytes() {
        return FloatOperands.bytes(AT_ONCE + 1, COLUMNS);
    }

    void addColumnSums(Tensor in, Tensor out) {
        long rows = in.rows();
        Rows sums = Rows.floats(out, 1, in.columns(), "out");
        FloatOperands operands = new FloatOperands(widened, COLUMNS);
        FloatOperands.Operand[] sources = new FloatOperands.Operand[AT_ONCE];
        for (int i = 0; i < AT_ONCE; i++) {
            sources[i] = operands.of(in, "in");
        }
        FloatOperands.Operand work = operands.spare();
        lanes.ranges(in.columns(), COLUMNS, (first, end, lane) -> {
            int columns = (int) (end - first);
            FloatSpan total = work.on(lane);
            FloatSpan[] x = new FloatSpan[AT_ONCE];
            for (int i = 0; i < AT_ONCE; i++) {
                x[i] = sources[i].on(lane);
            }
            for (long block = 0; block < rows; block += ROWS) {
                Elementwise.fillFloats(total.buffer(), total.at(), columns, 0f);
                addRows(x, block, Math.min(rows, block + ROWS), first, columns, total);
                Elementwise.addLoop(
                        sums.buffer(0, first),
                        sums.at(0, first),
                        total.buffer(),
                        total.at(),
                        sums.buffer(0, first),
                        sums.at(0, first),
                        columns);
            }
        });
    }

    /**
     * Adds rows {@code from} to {@code to} of some columns to the total, one from each quarter at a time: streams in one
     * page would hinder the processor's prefetching.
     */
    private static void addRows(FloatSpan[] x, long from, long to, long column, int columns, FloatSpan total) {
        long quarter = (to - from) / AT_ONCE;
        for (long row = from; row < from + quarter; row++) {
            for (int i = 0; i < AT_ONCE; i++) {
                x[i].read(row + i * quarter, column, columns);
            }
            addFour(x[0], x[1], x[2], x[3], columns, total.buffer(), total.at());
        }
        for (long row = from + AT_ONCE * quarter; row < to; row++) {
            x[0].read(row, column, columns);
            Elementwise.addLoop(
                    total.buffer(), total.at(), x[0].buffer(), x[0].at(), total.buffer(), total.at(), columns);
        }
    }

    private static void addFour(
            FloatSpan x0, FloatSpan x1, FloatSpan x2, FloatSpan x3, int columns, ByteBuffer total, int at) {
        addFourLoop(
                x0.buffer(),
                x0.at(),
                x1.buffer(),
                x1.at(),
                x2.buffer(),
                x2.at(),
                x3.buffer(),
                x3.at(),
                columns,
                total,
                at);
    }

    private static void addFourLoop(
            ByteBuffer x0,
            int at0,
            ByteBuffer x1,
            int at1,
            ByteBuffer x2,
            int at2,
            ByteBuffer x3,
            int at3,
            int columns,
            ByteBuffer total,
            int at) {
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector lower = Floats.load(x0, at0 + i).add(Floats.load(x1, at1 + i));
            FloatVector upper = Floats.load(x2, at2 + i).add(Floats.load(x3, at3 + i));
            Floats.store(lower.add(upper).add(Floats.load(total, at + i)), total, at + i);
        }
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            float lower = x0.getFloat(at0 + i) + x1.getFloat(at1 + i);
            float upper = x2.getFloat(at2 + i) + x3.getFloat(at3 + i);
            total.putFloat(at + i, lower + upper + total.getFloat(at + i));
        }
    }

    void rowDots(Tensor left, Tensor right, Tensor out) {
        int columns = Math.toIntExact(left.columns());
        FloatOperands operands = new FloatOperands(widened, columns);
        FloatOperands.Operand lefts = operands.of(left, "left");
        FloatOperands.Operand rights = operands.of(right, left.rows(), columns, "right");
        Rows dots = Rows.floats(out, 1, left.rows(), "out");
        lanes.ranges(left.rows(), Pieces.rowGrain(columns), (first, end, lane) -> {
            FloatSpan x = lefts.on(lane);
            FloatSpan y = rights.on(lane);
            for (long row = first; row < end; row++) {
                x.read(row, columns);
                y.read(row, columns);
                dots.setFloat(row, dotLoop(x.buffer(), x.at(), y.buffer(), y.at(), columns));
            }
        });
    }

    private static float dotLoop(ByteBuffer left, int leftAt, ByteBuffer right, int rightAt, int length) {
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int bytes = length * Float.BYTES;
        int whole = Floats.whole(length) * Float.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            sum0 = Floats.load(left, leftAt + i).fma(Floats.load(right, rightAt + i), sum0);
            sum1 = Floats.load(left, leftAt + i + Floats.BYTES)
                    .fma(Floats.load(right, rightAt + i + Floats.BYTES), sum1);
        }
        if (i < whole) {
            sum0 = Floats.load(left, leftAt + i).fma(Floats.load(right, rightAt + i), sum0);
        }
        float sum = Floats.sum(sum0.add(sum1));
        for (int j = whole; j < bytes; j += Float.BYTES) {
            sum = Math.fma(left.getFloat(leftAt + j), right.getFloat(rightAt + j), sum);
        }
        return sum;
    }
}
