package io.longstrand.backend.cpu;

/**
 * Adjacent elements of a tensor as floats, on one lane: where they lie if they are FLOAT32, in scratch if they are
 * BFLOAT16. Moved from stretch to stretch, so that kernels are written once for both types.
 */
final class FloatSpan {
    private final Rows rows;
    private final boolean narrow;
    private long address;
    private long row;
    private long column;
    private int length;

    private FloatSpan(Rows rows, boolean narrow) {
        this.rows = rows;
        this.narrow = narrow;
    }

    /** Over FLOAT32. */
    static FloatSpan wide(Rows rows) {
        return new FloatSpan(rows, false);
    }

    /** Over BFLOAT16, widened at a place in scratch. */
    static FloatSpan narrow(Rows rows, long address) {
        FloatSpan span = new FloatSpan(rows, true);
        span.address = address;
        return span;
    }

    /** Moves to a stretch that is read. */
    FloatSpan read(long newRow, long newColumn, int newLength) {
        place(newRow, newColumn, newLength);
        if (narrow) {
            Bfloat16.widenLoop(rows.address(row, column), address, length);
        }
        return this;
    }

    /** Moves to the first elements of a row that is read. */
    FloatSpan read(long newRow, int newLength) {
        return read(newRow, 0, newLength);
    }

    /** Moves to a piece that is read. */
    FloatSpan read(Pieces pieces, long piece) {
        return read(pieces.row(piece), pieces.column(piece), pieces.length(piece));
    }

    /** Moves to a stretch that is wholly written: what it holds is undefined. */
    void place(long newRow, long newColumn, int newLength) {
        row = newRow;
        column = newColumn;
        length = newLength;
        if (!narrow) {
            address = rows.address(newRow, newColumn);
        }
    }

    /** Moves to the first elements of a row that is wholly written. */
    void place(long newRow, int newLength) {
        place(newRow, 0, newLength);
    }

    /** Moves to a piece that is wholly written. */
    void place(Pieces pieces, long piece) {
        place(pieces.row(piece), pieces.column(piece), pieces.length(piece));
    }

    /** Ends the writing of this stretch: rounds it into the tensor. */
    void write() {
        if (narrow) {
            Bfloat16.narrow(address, rows.address(row, column), length);
        }
    }

    /** Address of the first float. */
    long address() {
        return address;
    }
}
