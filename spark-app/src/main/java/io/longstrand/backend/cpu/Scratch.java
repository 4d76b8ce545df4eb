package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.concurrent.atomic.AtomicLong;

/** Memory kernels need for themselves, one growing piece a lane; all of it counts as device memory. */
final class Scratch implements AutoCloseable {
    private final CpuMemory[] lanes;
    private final AtomicLong bytes = new AtomicLong();

    Scratch(int lanes) {
        this.lanes = new CpuMemory[lanes];
    }

    /** At least so many bytes of a lane's own, valid until its next call. */
    CpuMemory take(int lane, long atLeast) {
        CpuMemory held = lanes[lane];
        if (held == null || held.bytes() < atLeast) {
            if (held != null) {
                bytes.addAndGet(-held.bytes());
                held.close();
            }
            held = new CpuMemory(Place.DEVICE, atLeast, () -> {});
            lanes[lane] = held;
            bytes.addAndGet(atLeast);
        }
        return held;
    }

    /** A FLOAT32 matrix in a lane's scratch; its content is undefined. */
    Tensor floats(int lane, long rows, long columns) {
        long size = Math.multiplyExact(Math.multiplyExact(rows, columns), (long) Float.BYTES);
        return Tensor.contiguous(take(lane, size), 0, DataType.FLOAT32, rows, columns);
    }

    /** Bytes held now, which is also the most ever held: scratch only grows. */
    long bytes() {
        return bytes.get();
    }

    @Override
    public void close() {
        for (CpuMemory memory : lanes) {
            if (memory != null) {
                memory.close();
            }
        }
    }
}
