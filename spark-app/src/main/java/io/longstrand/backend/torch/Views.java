package io.longstrand.backend.torch;

import io.longstrand.backend.NativeAddress;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** libtorch tensors over the memory of ours, without a copy. They live as long as the scope they are made in. */
final class Views {
    private final Device device;
    private final Scratch scratch;

    Views(Device device, Scratch scratch) {
        this.device = device;
        this.scratch = scratch;
    }

    /** Refuses tensors that are not on the device. */
    static void requireDevice(Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor.place() != Place.DEVICE) {
                throw new IllegalArgumentException("kernels take device tensors only: " + tensor);
            }
        }
    }

    /** The tensor itself, in its own type: (rows, columns). */
    TorchArray of(Tensor tensor) {
        return of(tensor, new long[] {tensor.rows(), tensor.columns()}, tensor.rowStride(), 1);
    }

    /** A row vector's elements: (n). */
    TorchArray vector(Tensor row) {
        return of(row, new long[] {row.columns()}, 1);
    }

    /** A row vector's elements: (n, 1). */
    TorchArray column(Tensor row) {
        return of(row, new long[] {row.columns(), 1}, 1, 1);
    }

    /** The elements as FLOAT32 (rows, columns); not to be changed, since it may be the tensor itself. */
    TorchArray read(Tensor tensor) {
        return of(tensor).widened();
    }

    /** The tensor's elements in any shape, axis by axis this many elements apart. */
    TorchArray of(Tensor tensor, long[] shape, long... strides) {
        // Host memory is seen by the CPU whatever the device is.
        Device where = tensor.place() == Place.HOST ? Device.CPU : device;
        return new TorchArray(
                torch.from_blob(
                        new NativeAddress(tensor.address()),
                        shape,
                        strides,
                        where.options(Device.typeOf(tensor.type()))),
                scratch);
    }

    /** A new FLOAT32 array of undefined content, counted as scratch. */
    TorchArray scratch(long... shape) {
        return new TorchArray(
                scratch.hold(torch.empty(shape, device.options(ScalarType.Float), new MemoryFormatOptional())),
                scratch);
    }

    /** The INT32 numbers {@code from} (inclusive) to {@code to} (exclusive), counted as scratch. */
    TorchArray numbers(long from, long to) {
        return new TorchArray(
                scratch.hold(torch.arange(new Scalar(from), new Scalar(to), device.options(ScalarType.Int))), scratch);
    }

    /** One FLOAT32 number. */
    TorchArray number(double value) {
        TorchArray number = scratch();
        number.fill(value);
        return number;
    }

    /** Whether every tensor has this type. */
    static boolean allOf(DataType type, Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor.type() != type) {
                return false;
            }
        }
        return true;
    }
}
