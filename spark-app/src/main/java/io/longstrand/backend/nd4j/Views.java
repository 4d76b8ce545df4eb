package io.longstrand.backend.nd4j;

import io.longstrand.backend.NativeAddress;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * ND4J arrays over the memory of our tensors, without a copy. Kernels compute in FLOAT32: {@link #read} widens
 * bfloat16, {@link #write} narrows it.
 */
final class Views {
    /** Refuses tensors that are not on the device. */
    void requireDevice(Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor.place() != Place.DEVICE) {
                throw new IllegalArgumentException("kernels take device tensors only: " + tensor);
            }
        }
    }

    /** The tensor itself, in its own type, shape (rows, columns). */
    INDArray of(Tensor tensor) {
        return shaped(tensor, new long[] {tensor.rows(), tensor.columns()}, new long[] {tensor.rowStride(), 1});
    }

    /** A row vector's elements as (n). */
    INDArray vector(Tensor row) {
        return shaped(row, new long[] {row.columns()}, new long[] {1});
    }

    /** A FLOAT32 row vector's elements as (n, 1). */
    INDArray column(Tensor row) {
        return shaped(row, new long[] {row.columns(), 1}, new long[] {1, 1});
    }

    /** The elements as FLOAT32 (rows, columns); not to be changed, since it may be the tensor itself. */
    INDArray read(Tensor tensor) {
        INDArray view = of(tensor);
        return view.dataType() == DataType.FLOAT ? view : view.castTo(DataType.FLOAT);
    }

    /** Stores a result in the tensor's type. */
    void write(INDArray values, Tensor tensor) {
        of(tensor).assign(values);
    }

    /** Adds a FLOAT32 result to a tensor. */
    void add(INDArray values, Tensor tensor) {
        INDArray view = of(tensor);
        if (view.dataType() == DataType.FLOAT) {
            view.addi(values);
        } else {
            view.assign(view.castTo(DataType.FLOAT).addi(values));
        }
    }

    private static INDArray shaped(Tensor tensor, long[] shape, long[] strides) {
        DataType type =
                switch (tensor.type()) {
                    case FLOAT32 -> DataType.FLOAT;
                    case BFLOAT16 -> DataType.BFLOAT16;
                    case INT32 -> DataType.INT;
                };
        long elements = (tensor.rows() - 1) * tensor.rowStride() + tensor.columns();
        DataBuffer buffer = Nd4j.createBuffer(
                new NativeAddress(tensor.address())
                        .capacity(elements * tensor.type().bytes()),
                elements,
                type);
        return Nd4j.create(buffer, shape, strides, 0, 'c', type);
    }
}
