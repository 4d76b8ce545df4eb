package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Sums whose order depends on the shape alone. */
final class Reductions {
    /** Columns one task sums: four vectors of 16 floats, or eight of 8. */
    private static final int COLUMNS = 64;
    /** Rows summed before they join the total, which keeps rounding errors of long columns small. */
    private static final int ROWS = 256;
    /** So that a block of rows lies in one segment. */
    private static final long BLOCK_BYTES = 1L << 29;

    private final LanePool lanes;

    Reductions(LanePool lanes) {
        this.lanes = lanes;
    }

    double sumOfSquares(Tensor in) {
        Pieces pieces = new Pieces(in);
        Rows source = Rows.floats(in, "in");
        double[] partial = new double[Math.toIntExact(pieces.count())];
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            for (long i = first; i < end; i++) {
                long row = pieces.row(i);
                long column = pieces.column(i);
                partial[(int) i] = squares(source.buffer(row, column), source.at(row, column), pieces.length(i));
            }
        });
        double sum = 0;
        for (double part : partial) {
            sum += part;
        }
        return sum;
    }

    /** Four sums that do not wait for each other. */
    private static double squares(ByteBuffer in, int at, int length) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int i = 0;
        for (; i < length - 3; i += 4) {
            double x0 = in.getFloat(at + i * Float.BYTES);
            double x1 = in.getFloat(at + i * Float.BYTES + 4);
            double x2 = in.getFloat(at + i * Float.BYTES + 8);
            double x3 = in.getFloat(at + i * Float.BYTES + 12);
            sum0 += x0 * x0;
            sum1 += x1 * x1;
            sum2 += x2 * x2;
            sum3 += x3 * x3;
        }
        for (; i < length; i++) {
            double x = in.getFloat(at + i * Float.BYTES);
            sum0 += x * x;
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    void addColumnSums(Tensor in, Tensor out) {
        Rows source = Rows.floats(in, "in");
        Rows sums = Rows.floats(out, 1, in.columns(), "out");
        long rows = in.rows();
        int stride = Math.toIntExact(in.rowStride() * Float.BYTES);
        long block = Math.max(1, Math.min(ROWS, BLOCK_BYTES / Math.max(1, stride)));
        lanes.ranges(in.columns(), COLUMNS, (first, end, lane) -> {
            for (long row = 0; row < rows; row += block) {
                addBlock(
                        source.buffer(row, first),
                        source.at(row, first),
                        stride,
                        (int) Math.min(block, rows - row),
                        sums.buffer(0, first),
                        sums.at(0, first),
                        (int) (end - first));
            }
        });
    }

    private static void addBlock(
            ByteBuffer in, int at, int stride, int rows, ByteBuffer sums, int sumsAt, int columns) {
        int column = 0;
        for (; column <= columns - 4 * Floats.WIDTH; column += 4 * Floats.WIDTH) {
            addFourVectors(in, at + column * Float.BYTES, stride, rows, sums, sumsAt + column * Float.BYTES);
        }
        for (; column <= columns - Floats.WIDTH; column += Floats.WIDTH) {
            addVector(in, at + column * Float.BYTES, stride, rows, sums, sumsAt + column * Float.BYTES);
        }
        for (; column < columns; column++) {
            int position = at + column * Float.BYTES;
            float sum = 0;
            for (int row = 0; row < rows; row++, position += stride) {
                sum += in.getFloat(position);
            }
            int target = sumsAt + column * Float.BYTES;
            sums.putFloat(target, sums.getFloat(target) + sum);
        }
    }

    private static void addFourVectors(ByteBuffer in, int at, int stride, int rows, ByteBuffer sums, int sumsAt) {
        FloatVector sum0 = Floats.all(0f);
        FloatVector sum1 = Floats.all(0f);
        FloatVector sum2 = Floats.all(0f);
        FloatVector sum3 = Floats.all(0f);
        int position = at;
        for (int row = 0; row < rows; row++, position += stride) {
            sum0 = sum0.add(Floats.load(in, position));
            sum1 = sum1.add(Floats.load(in, position + Floats.BYTES));
            sum2 = sum2.add(Floats.load(in, position + 2 * Floats.BYTES));
            sum3 = sum3.add(Floats.load(in, position + 3 * Floats.BYTES));
        }
        Floats.store(Floats.load(sums, sumsAt).add(sum0), sums, sumsAt);
        Floats.store(Floats.load(sums, sumsAt + Floats.BYTES).add(sum1), sums, sumsAt + Floats.BYTES);
        Floats.store(Floats.load(sums, sumsAt + 2 * Floats.BYTES).add(sum2), sums, sumsAt + 2 * Floats.BYTES);
        Floats.store(Floats.load(sums, sumsAt + 3 * Floats.BYTES).add(sum3), sums, sumsAt + 3 * Floats.BYTES);
    }

    private static void addVector(ByteBuffer in, int at, int stride, int rows, ByteBuffer sums, int sumsAt) {
        FloatVector sum = Floats.all(0f);
        int position = at;
        for (int row = 0; row < rows; row++, position += stride) {
            sum = sum.add(Floats.load(in, position));
        }
        Floats.store(Floats.load(sums, sumsAt).add(sum), sums, sumsAt);
    }

    void rowDots(Tensor left, Tensor right, Tensor out) {
        Rows first = Rows.floats(left, "left");
        Rows second = Rows.floats(right, left.rows(), left.columns(), "right");
        Rows dots = Rows.floats(out, 1, left.rows(), "out");
        int columns = Math.toIntExact(left.columns());
        lanes.ranges(left.rows(), Math.max(1, Pieces.LENGTH / Math.max(1, columns)), (from, end, lane) -> {
            for (long row = from; row < end; row++) {
                dots.setFloat(row, dot(first.buffer(row), first.at(row), second.buffer(row), second.at(row), columns));
            }
        });
    }

    private static float dot(ByteBuffer left, int leftAt, ByteBuffer right, int rightAt, int length) {
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
        float sum = sum0.add(sum1).reduceLanes(VectorOperators.ADD);
        for (int j = whole; j < bytes; j += Float.BYTES) {
            sum = Math.fma(left.getFloat(leftAt + j), right.getFloat(rightAt + j), sum);
        }
        return sum;
    }
}
