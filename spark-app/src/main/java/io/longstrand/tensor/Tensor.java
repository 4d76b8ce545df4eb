package io.longstrand.tensor;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A matrix view of {@link Memory}: {@code rows × columns} elements, rows {@code rowStride} elements apart, columns
 * adjacent. A vector is one row. Views share memory; nothing here allocates.
 *
 * @param memory what holds the elements
 * @param offset byte offset of element (0, 0)
 * @param type element type
 * @param rows number of rows
 * @param columns elements of one row
 * @param rowStride elements from the start of one row to the start of the next, at least {@code columns}
 */
public record Tensor(Memory memory, long offset, DataType type, long rows, long columns, long rowStride) {
    public Tensor {
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(type, "type");
        if (offset < 0 || rows < 0 || columns < 0 || rowStride < columns) {
            throw new IllegalArgumentException("offset " + offset + ", rows " + rows + ", columns " + columns
                    + ", row stride " + rowStride + " is no matrix");
        }
        long end = rows == 0 ? offset : offset + ((rows - 1) * rowStride + columns) * type.bytes();
        if (end > memory.bytes()) {
            throw new IllegalArgumentException(
                    "a tensor ending at byte " + end + " leaves its memory of " + memory.bytes() + " bytes");
        }
    }

    /** A matrix whose rows are adjacent. */
    public static Tensor contiguous(Memory memory, long offset, DataType type, long rows, long columns) {
        return new Tensor(memory, offset, type, rows, columns, columns);
    }

    /** Rows {@code from} (inclusive) to {@code to} (exclusive). */
    public Tensor rows(long from, long to) {
        Objects.checkFromToIndex(from, to, rows);
        return new Tensor(memory, offset + from * rowStride * type.bytes(), type, to - from, columns, rowStride);
    }

    /** Columns {@code from} (inclusive) to {@code to} (exclusive) of every row. */
    public Tensor columns(long from, long to) {
        Objects.checkFromToIndex(from, to, columns);
        return new Tensor(memory, offset + from * type.bytes(), type, rows, to - from, rowStride);
    }

    /** The same elements in another matrix shape; only for adjacent rows. */
    public Tensor reshape(long newRows, long newColumns) {
        if (!isContiguous() || newRows * newColumns != elements()) {
            throw new IllegalArgumentException(this + " cannot be seen as " + newRows + " × " + newColumns);
        }
        return contiguous(memory, offset, type, newRows, newColumns);
    }

    /** Whether all elements are adjacent. */
    public boolean isContiguous() {
        return rowStride == columns || rows <= 1;
    }

    /** Number of elements. */
    public long elements() {
        return rows * columns;
    }

    /** Bytes of the elements themselves, without the gaps between strided rows. */
    public long bytes() {
        return elements() * type.bytes();
    }

    /** Address of element (0, 0). */
    public long address() {
        return memory.address() + offset;
    }

    /** Where the elements live. */
    public Place place() {
        return memory.place();
    }

    /** A little-endian window over all elements of a contiguous host tensor below 2 GiB. */
    public ByteBuffer hostBytes() {
        if (!isContiguous()) {
            throw new IllegalStateException(this + " has gaps between its rows");
        }
        return memory.bytes(offset, Math.toIntExact(bytes()));
    }

    @Override
    public String toString() {
        return type + "(" + rows + " × " + columns + ", stride " + rowStride + ") on " + place();
    }
}
