package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A cpu backend whose tensors are filled from and read into arrays. */
final class CpuDevice implements AutoCloseable {
    private final CpuBackend backend;
    private final List<Memory> memories = new ArrayList<>();

    CpuDevice(int lanes) {
        backend = new CpuBackend(lanes);
    }

    CpuBackend backend() {
        return backend;
    }

    Kernels kernels() {
        return backend.kernels();
    }

    Tensor tensor(DataType type, long rows, long columns) {
        Memory memory = backend.allocate(Place.DEVICE, rows * columns * type.bytes());
        memories.add(memory);
        return Tensor.contiguous(memory, 0, type, rows, columns);
    }

    Tensor floats(long rows, long columns) {
        return tensor(DataType.FLOAT32, rows, columns);
    }

    /** Values in [−1, 1), the same for the same seed. */
    Tensor random(long rows, long columns, long seed) {
        Random random = new Random(seed);
        float[] values = new float[(int) (rows * columns)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return of(rows, columns, values);
    }

    Tensor of(long rows, long columns, float... values) {
        Tensor tensor = floats(rows, columns);
        try (Memory host = backend.allocate(Place.HOST, tensor.bytes())) {
            Tensor source = Tensor.contiguous(host, 0, DataType.FLOAT32, rows, columns);
            source.hostBytes().asFloatBuffer().put(values);
            kernels().copy(source, tensor);
        }
        return tensor;
    }

    Tensor ints(int... values) {
        Tensor tensor = tensor(DataType.INT32, 1, values.length);
        try (Memory host = backend.allocate(Place.HOST, tensor.bytes())) {
            Tensor source = Tensor.contiguous(host, 0, DataType.INT32, 1, values.length);
            source.hostBytes().asIntBuffer().put(values);
            kernels().copy(source, tensor);
        }
        return tensor;
    }

    float[] read(Tensor tensor) {
        float[] values = new float[(int) tensor.elements()];
        try (Memory host = backend.allocate(Place.HOST, (long) values.length * Float.BYTES)) {
            Tensor target = Tensor.contiguous(host, 0, DataType.FLOAT32, tensor.rows(), tensor.columns());
            kernels().copy(tensor, target);
            ByteBuffer bytes = target.hostBytes();
            bytes.asFloatBuffer().get(values);
        }
        return values;
    }

    @Override
    public void close() {
        backend.close();
        memories.forEach(Memory::close);
    }
}
