package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;

/** A tensor resolved for reading and writing: the address of each row. */
final class Rows {
    private final long start;
    private final long rowBytes;
    private final int elementBytes;

    private Rows(CpuMemory memory, Tensor tensor) {
        this.start = memory.address() + tensor.offset();
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

    /** Address of a row. */
    long address(long row) {
        return start + row * rowBytes;
    }

    /** Address of an element. */
    long address(long row, long column) {
        return start + row * rowBytes + column * elementBytes;
    }

    /** A float of row 0. */
    float getFloat(long column) {
        return Native.getFloat(address(0, column));
    }

    /** Sets a float of row 0. */
    void setFloat(long column, float value) {
        Native.putFloat(address(0, column), value);
    }

    /** An integer of row 0. */
    int getInt(long column) {
        return Native.getInt(address(0, column));
    }
}
