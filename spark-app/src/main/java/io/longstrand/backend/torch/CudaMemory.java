package io.longstrand.backend.torch;

import io.longstrand.backend.MemoryUse;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Zeroed memory of a GPU, held by a libtorch tensor of bytes. */
final class CudaMemory implements Memory {
    private final long bytes;
    private final MemoryUse use;
    private final Runnable beforeClose;
    private final Tensor holder;
    private boolean closed;

    /** @param beforeClose called once, before the memory is given back */
    CudaMemory(Device device, long bytes, MemoryUse use, Runnable beforeClose) {
        this.bytes = bytes;
        this.use = use;
        this.beforeClose = beforeClose;
        try (PointerScope scope = new PointerScope()) {
            holder = torch.empty(new long[] {bytes}, device.options(ScalarType.Byte), new MemoryFormatOptional());
            holder.zero_();
            holder.retainReference();
        }
        use.add(bytes);
    }

    @Override
    public long address() {
        return holder.data_ptr().address();
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public Place place() {
        return Place.DEVICE;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
        throw new IllegalStateException("device memory is read by kernels only: copy it to host memory first");
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            beforeClose.run();
            holder.releaseReference();
            use.subtract(bytes);
        }
    }
}
