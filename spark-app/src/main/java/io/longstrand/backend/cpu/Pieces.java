package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;

/**
 * How tensors of one shape are cut for elementwise work: into stretches of at most {@link #LENGTH} adjacent elements.
 * Where all rows are adjacent, the whole is one long row.
 */
final class Pieces {
    /** Elements of a piece: 16 KiB of floats, so that the pieces of three tensors stay in the first cache. */
    static final int LENGTH = 1 << 12;
    /** Elements one lane works on at a time. */
    private static final int GRAIN = 1 << 14;

    private final long columns;
    private final long perRow;
    private final long count;

    /** Cuts the common shape of the tensors. */
    Pieces(Tensor... tensors) {
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
        perRow = (columns + LENGTH - 1) / LENGTH;
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
        return perRow == 1 ? rowGrain(columns) : GRAIN / LENGTH;
    }

    /** The longest piece. */
    int longest() {
        return (int) Math.min(LENGTH, columns);
    }

    long row(long piece) {
        return piece / perRow;
    }

    long column(long piece) {
        return piece % perRow * LENGTH;
    }

    int length(long piece) {
        return (int) Math.min(LENGTH, columns - column(piece));
    }
}
