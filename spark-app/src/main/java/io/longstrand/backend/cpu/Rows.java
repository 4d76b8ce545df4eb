package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;

/** A tensor resolved for reading and writing: for each row a buffer and a byte offset in it. */
final class Rows {
    private final CpuMemory memory;
    private final long offset;
    private final long rowBytes;
    private final int elementBytes;

    private Rows(CpuMemory memory, Tensor tensor) {
        this.memory = memory;
        this.offset = tensor.offset();
        this.elementBytes = tensor.type().bytes();
        this.rowBytes = tensor.rowStride() * elementBytes;
    }

    /**
     * A device tensor of a given type.
     *
     * @throws IllegalArgumentException when it lies on the host, has another type or belongs to another backend
     */
    static Rows device(Tensor tensor, DataType type, String name) {
        if (tensor.place() != Place.DEVICE) {
            throw new IllegalArgumentException(name + " is " + tensor + ": kernels compute on the device only");
        }
        if (tensor.type() != type) {
            throw new IllegalArgumentException(name + " is " + tensor + ": this cpu kernel needs " + type);
        }
        return of(tensor, name);
    }

    /** FLOAT32 on the device. */
    static Rows floats(Tensor tensor, String name) {
        return device(tensor, DataType.FLOAT32, name);
    }

    /** FLOAT32 on the device, of a given shape. */
    static Rows floats(Tensor tensor, long rows, long columns, String name) {
        requireShape(tensor, rows, columns, name);
        return floats(tensor, name);
    }

    /** INT32 on the device, one row of {@code length}. */
    static Rows integers(Tensor tensor, long length, String name) {
        requireShape(tensor, 1, length, name);
        return device(tensor, DataType.INT32, name);
    }

    /** Refuses a tensor of another shape. */
    static void requireShape(Tensor tensor, long rows, long columns, String name) {
        if (tensor.rows() != rows || tensor.columns() != columns) {
            throw new IllegalArgumentException(name + " is " + tensor + ", expected " + rows + " × " + columns);
        }
    }

    /** A tensor of any type in either place. */
    static Rows of(Tensor tensor, String name) {
        Memory memory = tensor.memory();
        if (!(memory instanceof CpuMemory mine)) {
            throw new IllegalArgumentException(
                    name + " lies in " + memory.getClass().getSimpleName() + ", not in memory of the cpu backend");
        }
        return new Rows(mine, tensor);
    }

    /** The buffer that holds a row. */
    ByteBuffer buffer(long row) {
        return memory.segment(offset + row * rowBytes);
    }

    /** Byte offset of a row in its buffer. */
    int at(long row) {
        return CpuMemory.withinSegment(offset + row * rowBytes);
    }

    /** The buffer that holds an element of a long row and up to 1 GiB after it. */
    ByteBuffer buffer(long row, long column) {
        return memory.segment(offset + row * rowBytes + column * elementBytes);
    }

    /** Byte offset of an element in {@link #buffer(long, long)}. */
    int at(long row, long column) {
        return CpuMemory.withinSegment(offset + row * rowBytes + column * elementBytes);
    }

    /** Sets adjacent bytes from an element on to zero. */
    void clear(long row, long column, long bytes) {
        memory.clear(offset + row * rowBytes + column * elementBytes, bytes);
    }

    /** A float of row 0. */
    float getFloat(long column) {
        return buffer(0, column).getFloat(at(0, column));
    }

    /** Sets a float of row 0. */
    void setFloat(long column, float value) {
        buffer(0, column).putFloat(at(0, column), value);
    }

    /** An integer of row 0. */
    int getInt(long column) {
        return buffer(0, column).getInt(at(0, column));
    }
}
