package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Sums whose order depends on the shape alone. */
final class Reductions {
    /** Half as many as a vector of floats. */
    private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, Floats.SPECIES.vectorShape());

    /** Sums of squares that grow side by side, each a vector. */
    private static final int SUMS = 8;
    /**
     * Elements whose squares are added up in float32: 32 in each lane, and the eight of a column of lanes, which is off by
     * 35 roundings at most, 2.1e-6 of the sum.
     */
    private static final int STRETCH = 32 * SUMS * Floats.WIDTH;
    /** A stretch's sum below this may have lost squares that are no normal numbers in float32. */
    private static final double LEAST = 0x1p-90;
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
        Pieces pieces = in.type() == DataType.BFLOAT16 ? new Pieces(in) : Pieces.ofBytes(in);
        FloatOperands.Operand source = new FloatOperands(widened, pieces.longest()).of(in, "in");
        double[] partial = new double[Math.toIntExact(pieces.count())];
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            FloatSpan x = source.on(lane);
            for (long i = first; i < end; i++) {
                x.read(pieces, i);
                partial[(int) i] = squares(x.address(), pieces.length(i));
            }
        });
        double sum = 0;
        for (double part : partial) {
            sum += part;
        }
        return sum;
    }

    /** In float32 stretch by stretch, three times as fast as float64; in that only where float32 has not the range. */
    private static double squares(long in, int length) {
        double sum = 0;
        for (int i = 0; i < length; i += STRETCH) {
            long from = in + (long) i * Float.BYTES;
            int part = Math.min(STRETCH, length - i);
            double squares = squaresLoop(from, part);
            sum += squares > LEAST && squares < Double.POSITIVE_INFINITY ? squares : wideSquaresLoop(from, part);
        }
        return sum;
    }

    private static double squaresLoop(long in, int length) {
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        FloatVector sum4 = sum0;
        FloatVector sum5 = sum0;
        FloatVector sum6 = sum0;
        FloatVector sum7 = sum0;
        int step = Floats.BYTES;
        int bytes = length * Float.BYTES;
        int i = 0;
        for (; i <= bytes - SUMS * step; i += SUMS * step) {
            FloatVector x0 = Floats.load(in + i);
            FloatVector x1 = Floats.load(in + i + step);
            FloatVector x2 = Floats.load(in + i + 2 * step);
            FloatVector x3 = Floats.load(in + i + 3 * step);
            FloatVector x4 = Floats.load(in + i + 4 * step);
            FloatVector x5 = Floats.load(in + i + 5 * step);
            FloatVector x6 = Floats.load(in + i + 6 * step);
            FloatVector x7 = Floats.load(in + i + 7 * step);
            sum0 = x0.fma(x0, sum0);
            sum1 = x1.fma(x1, sum1);
            sum2 = x2.fma(x2, sum2);
            sum3 = x3.fma(x3, sum3);
            sum4 = x4.fma(x4, sum4);
            sum5 = x5.fma(x5, sum5);
            sum6 = x6.fma(x6, sum6);
            sum7 = x7.fma(x7, sum7);
        }
        FloatVector lower = sum0.add(sum1).add(sum2.add(sum3));
        FloatVector upper = sum4.add(sum5).add(sum6.add(sum7));
        double sum = wideSum(lower.add(upper));
        for (; i < bytes; i += Float.BYTES) {
            double x = Native.getFloat(in + i);
            sum += x * x;
        }
        return sum;
    }

    /** The sum of a vector's elements in float64. */
    private static double wideSum(FloatVector sums) {
        DoubleVector first = (DoubleVector) sums.convertShape(VectorOperators.F2D, DOUBLES, 0);
        DoubleVector second = (DoubleVector) sums.convertShape(VectorOperators.F2D, DOUBLES, 1);
        return first.add(second).reduceLanes(VectorOperators.ADD);
    }

    private static double wideSquaresLoop(long in, int length) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            double x = Native.getFloat(in + (long) i * Float.BYTES);
            sum += x * x;
        }
        return sum;
    }

    /** Bytes of scratch a lane takes for sums of columns, at most. */
    static long columnSumBytes() {
        return FloatOperands.bytes(AT_ONCE + 1, COLUMNS);
    }

    void addColumnSums(Tensor in, Tensor out) {
        if (in.type() == DataType.BFLOAT16) {
            addNarrowColumnSums(in, out);
            return;
        }
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
                Elementwise.fillFloats(total.address(), columns, 0f);
                addRows(x, block, Math.min(rows, block + ROWS), first, columns, total);
                Elementwise.addLoop(sums.address(0, first), total.address(), sums.address(0, first), columns);
            }
        });
    }

    /** Without widening rows into scratch first. */
    private void addNarrowColumnSums(Tensor in, Tensor out) {
        long rows = in.rows();
        Rows source = Rows.device(in, DataType.BFLOAT16, "in");
        Rows sums = Rows.floats(out, 1, in.columns(), "out");
        FloatOperands.Operand work = new FloatOperands(widened, COLUMNS).spare();
        lanes.ranges(in.columns(), COLUMNS, (first, end, lane) -> {
            NarrowColumns columns = new NarrowColumns(work.on(lane).address(), (int) (end - first));
            for (long block = 0; block < rows; block += ROWS) {
                columns.clear();
                columns.addRows(source, first, block, Math.min(rows, block + ROWS));
                columns.addTo(sums.address(0, first));
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
            addFour(x[0], x[1], x[2], x[3], columns, total.address());
        }
        for (long row = from + AT_ONCE * quarter; row < to; row++) {
            x[0].read(row, column, columns);
            Elementwise.addLoop(total.address(), x[0].address(), total.address(), columns);
        }
    }

    private static void addFour(FloatSpan x0, FloatSpan x1, FloatSpan x2, FloatSpan x3, int columns, long total) {
        addFourLoop(x0.address(), x1.address(), x2.address(), x3.address(), columns, total);
    }

    private static void addFourLoop(long x0, long x1, long x2, long x3, int columns, long total) {
        int whole = Floats.whole(columns) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector lower = Floats.load(x0 + i).add(Floats.load(x1 + i));
            FloatVector upper = Floats.load(x2 + i).add(Floats.load(x3 + i));
            Floats.store(lower.add(upper).add(Floats.load(total + i)), total + i);
        }
        for (int i = whole; i < columns * Float.BYTES; i += Float.BYTES) {
            float lower = Native.getFloat(x0 + i) + Native.getFloat(x1 + i);
            float upper = Native.getFloat(x2 + i) + Native.getFloat(x3 + i);
            Native.putFloat(total + i, lower + upper + Native.getFloat(total + i));
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
                dots.setFloat(row, dotLoop(x.address(), y.address(), columns));
            }
        });
    }

    private static float dotLoop(long left, long right, int length) {
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        int bytes = length * Float.BYTES;
        int whole = Floats.whole(length) * Float.BYTES;
        int i = 0;
        for (; i <= whole - 2 * Floats.BYTES; i += 2 * Floats.BYTES) {
            sum0 = Floats.load(left + i).fma(Floats.load(right + i), sum0);
            sum1 = Floats.load(left + i + Floats.BYTES).fma(Floats.load(right + i + Floats.BYTES), sum1);
        }
        if (i < whole) {
            sum0 = Floats.load(left + i).fma(Floats.load(right + i), sum0);
        }
        float sum = Floats.sum(sum0.add(sum1));
        for (int j = whole; j < bytes; j += Float.BYTES) {
            sum = Math.fma(Native.getFloat(left + j), Native.getFloat(right + j), sum);
        }
        return sum;
    }
}
