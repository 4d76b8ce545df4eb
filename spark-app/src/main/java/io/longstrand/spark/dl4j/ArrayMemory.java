package io.longstrand.spark.dl4j;

import io.longstrand.comm.HostBuffer;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The memory of an ND4J array of floats, for ranks to send from and receive into without a copy. */
final class ArrayMemory {
    private ArrayMemory() {}

    /** All elements of an array that owns its memory, as one row. */
    static Tensor tensor(INDArray array) {
        if (array.dataType() != org.nd4j.linalg.api.buffer.DataType.FLOAT || array.offset() != 0) {
            throw new IllegalArgumentException(array.shapeInfoToString() + " is no whole array of floats");
        }
        HostBuffer memory = new HostBuffer(array.data().asNio());
        return Tensor.contiguous(memory, 0, DataType.FLOAT32, 1, array.length());
    }
}
