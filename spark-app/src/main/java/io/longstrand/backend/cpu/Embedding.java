package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;

/** Table look-ups and their gradient. */
final class Embedding {
    /** Columns of the gradient one task owns, so that no two lanes write one number: four cache lines. */
    private static final int COLUMNS = 64;

    private final LanePool lanes;

    Embedding(LanePool lanes) {
        this.lanes = lanes;
    }

    void forward(Tensor indices, Tensor table, Tensor out, boolean accumulate) {
        long tokens = out.rows();
        Rows index = Rows.integers(indices, tokens, "indices");
        Rows entries = Rows.floats(table, table.rows(), out.columns(), "table");
        Rows target = Rows.floats(out, "out");
        int columns = Math.toIntExact(out.columns());
        lanes.ranges(tokens, Math.max(1, Pieces.LENGTH / Math.max(1, columns)), (first, end, lane) -> {
            for (long token = first; token < end; token++) {
                long entry = checked(index.getInt(token), table.rows(), token);
                ByteBuffer in = entries.buffer(entry);
                ByteBuffer to = target.buffer(token);
                if (accumulate) {
                    Elementwise.add(to, target.at(token), in, entries.at(entry), to, target.at(token), columns);
                } else {
                    to.put(target.at(token), in, entries.at(entry), columns * Float.BYTES);
                }
            }
        });
    }

    void backward(Tensor indices, Tensor outGradient, Tensor tableGradient) {
        long tokens = outGradient.rows();
        long columns = outGradient.columns();
        Rows index = Rows.integers(indices, tokens, "indices");
        Rows given = Rows.floats(outGradient, "outGradient");
        Rows table = Rows.floats(tableGradient, tableGradient.rows(), columns, "tableGradient");
        lanes.ranges(columns, COLUMNS, (first, end, lane) -> {
            int length = (int) (end - first);
            for (long token = 0; token < tokens; token++) {
                long entry = checked(index.getInt(token), tableGradient.rows(), token);
                ByteBuffer to = table.buffer(entry, first);
                int at = table.at(entry, first);
                Elementwise.add(to, at, given.buffer(token, first), given.at(token, first), to, at, length);
            }
        });
    }

    private static long checked(int entry, long entries, long token) {
        if (entry < 0 || entry >= entries) {
            throw new IllegalArgumentException(
                    "index " + entry + " at token " + token + " is outside the table of " + entries + " rows");
        }
        return entry;
    }
}
