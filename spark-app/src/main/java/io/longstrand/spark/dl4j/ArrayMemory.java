package io.longstrand.spark.dl4j;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The memory of an ND4J array of floats, for ranks to send from and receive into without a copy. */
final class ArrayMemory implements Memory {
    private final ByteBuffer buffer;
    private final long address;

    private ArrayMemory(INDArray array) {
        buffer = array.data().asNio();
        address = array.data().address();
    }

    /** All elements of an array that owns its memory, as one row. */
    static Tensor tensor(INDArray array) {
        if (array.dataType() != org.nd4j.linalg.api.buffer.DataType.FLOAT || array.offset() != 0) {
            throw new IllegalArgumentException(array.shapeInfoToString() + " is no whole array of floats");
        }
        return Tensor.contiguous(new ArrayMemory(array), 0, DataType.FLOAT32, 1, array.length());
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public long bytes() {
        return buffer.capacity();
    }

    @Override
    public Place place() {
        return Place.HOST;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
        return buffer.slice(Math.toIntExact(offset), length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The array's memory is ND4J's. */
    @Override
    public void close() {}
}
