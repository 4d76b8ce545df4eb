package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.Arrays;

/**
 * How tensors of one shape are cut for elementwise work: into stretches of at most {@link #LENGTH} adjacent elements.
 * Where all rows are adjacent, the whole is one long row.
 */
final class Pieces {
    /** Elements of a piece: 16 KiB of floats, so that the pieces of three tensors stay in the first cache. */
    static final int LENGTH = 1 << 12;
    /** Elements one lane works on at a time. */
    private static final int GRAIN = 1 << 14;

    /** Elements of a piece where tensors are widened into scratch: up to five of them then stay in the first cache. */
    private static final int NARROW_LENGTH = 1 << 10;
    /** Elements of a piece that is copied, filled or added up where it lies: a call costs as much as thousands of them. */
    private static final int LONG = 1 << 16;
    /** Of those, how many one lane takes at a time where there are many: the C library is called once for them. */
    private static final int TOGETHER = 8;

    private final int longest;
    private final long columns;
    private final long perRow;
    private final long count;

    /** Cuts the common shape of the tensors. */
    Pieces(Tensor... tensors) {
        this(
                Arrays.stream(tensors).anyMatch(tensor -> tensor.type() == DataType.BFLOAT16) ? NARROW_LENGTH : LENGTH,
                tensors);
    }

    /** Cuts as is best for what computes next to nothing. */
    static Pieces ofBytes(Tensor... tensors) {
        return new Pieces(LONG, tensors);
    }

    private Pieces(int longest, Tensor... tensors) {
        this.longest = longest;
        Tensor first = tensors[0];
        boolean flat = true;
        for (Tensor tensor : tensors) {
            if (tensor.rows() != first.rows() || tensor.columns() != first.columns()) {
                throw new IllegalArgumentException("shapes differ: " + first + " and " + tensor);
            }
            flat &= tensor.isContiguous();
        }
        long rows = flat ? 1 : first.rows();
        columns = flat ? first.elements() : first.columns();
        perRow = (columns + longest - 1) / longest;
        count = rows * perRow;
    }

    long count() {
        return count;
    }

    /** Rows that make up about as many elements as one lane works on at a time. */
    static long rowGrain(long columns) {
        return Math.max(1, GRAIN / Math.max(1, columns));
    }

    /** Pieces that make up about as many elements as one lane works on at a time. */
    long grain() {
        if (perRow == 1) {
            return rowGrain(columns);
        }
        return longest == LONG ? Math.max(1, Math.min(TOGETHER, count / TOGETHER)) : Math.max(1, GRAIN / longest);
    }

    /** The longest piece. */
    int longest() {
        return (int) Math.min(longest, columns);
    }

    long row(long piece) {
        return piece / perRow;
    }

    long column(long piece) {
        return piece % perRow * longest;
    }

    /** The piece behind those of {@code [piece, end)} that lie in the row of the first: all of them are adjacent. */
    long endOfRow(long piece, long end) {
        return Math.min(end, (row(piece) + 1) * perRow);
    }

    /** Elements of the adjacent pieces {@code [piece, end)} of one row. */
    long length(long piece, long end) {
        return column(end - 1) + length(end - 1) - column(piece);
    }

    int length(long piece) {
        return (int) Math.min(longest, columns - column(piece));
    }
}
