package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.List;

/** Memory kernels need for themselves, one growing piece a lane; all of it counts as device memory. */
final class Scratch implements AutoCloseable {
    private final CpuMemory[] lanes;
    private final ScratchUse use;

    /** @param use counts what is held */
    Scratch(int lanes, ScratchUse use) {
        this.lanes = new CpuMemory[lanes];
        this.use = use;
    }

    /** At least so many bytes of a lane's own, valid until its next call. */
    CpuMemory take(int lane, long atLeast) {
        CpuMemory piece = lanes[lane];
        if (piece == null || piece.bytes() < atLeast) {
            giveBack(lane);
            use.add(atLeast);
            piece = new CpuMemory(Place.DEVICE, atLeast, () -> use.subtract(atLeast));
            lanes[lane] = piece;
        }
        return piece;
    }

    /** A FLOAT32 matrix in a lane's scratch; its content is undefined. */
    Tensor floats(int lane, long rows, long columns) {
        long size = Math.multiplyExact(Math.multiplyExact(rows, columns), (long) Float.BYTES);
        return Tensor.contiguous(take(lane, size), 0, DataType.FLOAT32, rows, columns);
    }

    /** Bytes a lane holds. */
    long bytes(int lane) {
        return lanes[lane] == null ? 0 : lanes[lane].bytes();
    }

    /** Makes the lanes' pieces as large as said, lane by lane; they still grow when a kernel needs more. */
    void reserve(List<Long> bytes) {
        for (int lane = 0; lane < lanes.length; lane++) {
            take(lane, bytes.get(lane));
        }
    }

    private void giveBack(int lane) {
        if (lanes[lane] != null) {
            lanes[lane].close();
            lanes[lane] = null;
        }
    }

    @Override
    public void close() {
        for (int lane = 0; lane < lanes.length; lane++) {
            giveBack(lane);
        }
    }
}
