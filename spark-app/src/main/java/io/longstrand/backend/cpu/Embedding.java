package io.longstrand.backend.cpu;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;

/** Table look-ups and their gradient. */
final class Embedding {
    /** Columns of the gradient one task owns are a multiple of this, so that no two lanes write one cache line. */
    private static final long COLUMNS = 64;

    private final LanePool lanes;
    private final Scratch widened;

    Embedding(LanePool lanes, Scratch widened) {
        this.lanes = lanes;
        this.widened = widened;
    }

    void forward(Tensor indices, Tensor table, Tensor out, boolean accumulate) {
        if (!accumulate && table.type() == out.type()) {
            copy(indices, table, out);
            return;
        }
        long tokens = out.rows();
        int columns = Math.toIntExact(out.columns());
        Rows index = Rows.integers(indices, tokens, "indices");
        FloatOperands operands = new FloatOperands(widened, columns);
        FloatOperands.Operand entries = operands.of(table, table.rows(), columns, "table");
        FloatOperands.Operand target = operands.of(out, "out");
        lanes.ranges(tokens, Pieces.rowGrain(columns), (first, end, lane) -> {
            FloatSpan from = entries.on(lane);
            FloatSpan to = target.on(lane);
            for (long token = first; token < end; token++) {
                long entry = checked(index.getInt(token), table.rows(), token);
                if (entry == Kernels.NO_ENTRY) {
                    clear(to, token, columns, accumulate);
                    continue;
                }
                from.read(entry, columns);
                if (accumulate) {
                    to.read(token, columns);
                    Elementwise.addLoop(to.address(), from.address(), to.address(), columns);
                } else {
                    to.place(token, columns);
                    Native.copy(from.address(), to.address(), (long) columns * Float.BYTES);
                }
                to.write();
            }
        });
    }

    /** A row of zeros, unless it is added. */
    private static void clear(FloatSpan to, long token, int columns, boolean accumulate) {
        if (!accumulate) {
            to.place(token, columns);
            Elementwise.fillFloats(to.address(), columns, 0f);
            to.write();
        }
    }

    /** Rows as they are: nothing is computed. Two at a time, because two streams of writes keep more under way. */
    private void copy(Tensor indices, Tensor table, Tensor out) {
        long tokens = out.rows();
        int columns = Math.toIntExact(out.columns());
        Rows index = Rows.integers(indices, tokens, "indices");
        Rows.requireShape(table, table.rows(), columns, "table");
        Rows entries = Rows.device(table, out.type(), "table");
        Rows target = Rows.device(out, out.type(), "out");
        int bytes = columns * out.type().bytes();
        lanes.ranges(tokens, Pieces.rowGrain(columns), (first, end, lane) -> {
            long half = (end - first) / 2;
            for (long token = first; token < first + half; token++) {
                long entry0 = checked(index.getInt(token), table.rows(), token);
                long entry1 = checked(index.getInt(token + half), table.rows(), token + half);
                long out0 = target.address(token);
                long out1 = target.address(token + half);
                if (entry0 == Kernels.NO_ENTRY || entry1 == Kernels.NO_ENTRY) {
                    copyRow(entries, entry0, out0, bytes);
                    copyRow(entries, entry1, out1, bytes);
                } else {
                    Elementwise.copyTwoLoop(entries.address(entry0), out0, entries.address(entry1), out1, bytes);
                }
            }
            for (long token = first + 2 * half; token < end; token++) {
                copyRow(entries, checked(index.getInt(token), table.rows(), token), target.address(token), bytes);
            }
        });
    }

    private static void copyRow(Rows entries, long entry, long out, int bytes) {
        if (entry == Kernels.NO_ENTRY) {
            Elementwise.clear(out, bytes);
        } else {
            Native.copy(entries.address(entry), out, bytes);
        }
    }

    void backward(Tensor indices, Tensor outGradient, Tensor tableGradient) {
        long tokens = outGradient.rows();
        long columns = outGradient.columns();
        Rows index = Rows.integers(indices, tokens, "indices");
        // Every column is summed in the order of t, however many a task owns: whole rows where there is one lane.
        long perLane = (columns + lanes.lanes() - 1) / lanes.lanes();
        long share = Math.max(1, (perLane + COLUMNS - 1) / COLUMNS) * COLUMNS;
        FloatOperands.Operand given = new FloatOperands(widened, Math.toIntExact(share)).of(outGradient, "outGradient");
        Rows table = Rows.floats(tableGradient, tableGradient.rows(), columns, "tableGradient");
        lanes.ranges(columns, share, (first, end, lane) -> {
            int length = (int) (end - first);
            FloatSpan gradient = given.on(lane);
            for (long token = 0; token < tokens; token++) {
                long entry = checked(index.getInt(token), tableGradient.rows(), token);
                if (entry == Kernels.NO_ENTRY) {
                    continue;
                }
                long to = table.address(entry, first);
                gradient.read(token, first, length);
                Elementwise.addLoop(to, gradient.address(), to, length);
            }
        });
    }

    private static long checked(int entry, long entries, long token) {
        if (entry < Kernels.NO_ENTRY || entry >= entries) {
            throw new IllegalArgumentException(
                    "index " + entry + " at token " + token + " is outside the table of " + entries + " rows");
        }
        return entry;
    }
}
