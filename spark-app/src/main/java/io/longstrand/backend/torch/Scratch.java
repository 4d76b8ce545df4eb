package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Scopes in which libtorch's intermediate results live: all of them end with the scope, and their bytes are counted.
 * What libtorch allocates inside one operation is not seen.
 */
final class Scratch implements Blocks.Scope {
    private final Device device;
    private final ThreadLocal<Long> ofThread = ThreadLocal.withInitial(() -> 0L);
    private final AtomicLong now = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();

    Scratch(Device device) {
        this.device = device;
    }

    @Override
    public void run(Runnable operations) {
        long before = ofThread.get();
        try (PointerScope pointers = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true)) {
            device.select();
            holdCallingThread();
            operations.run();
        } finally {
            now.addAndGet(before - ofThread.get());
            ofThread.set(before);
        }
    }

    /** OpenMP counts threads per thread: ours are the only ones. */
    private static void holdCallingThread() {
        if (torch.get_num_threads() != 1) {
            torch.set_num_threads(1);
        }
    }

    /** Counts a newly allocated result. */
    Tensor hold(Tensor result) {
        long bytes = result.nbytes();
        ofThread.set(ofThread.get() + bytes);
        peak.accumulateAndGet(now.addAndGet(bytes), Math::max);
        return result;
    }

    /** Most bytes of intermediate results ever held at once. */
    long peakBytes() {
        return peak.get();
    }
}
