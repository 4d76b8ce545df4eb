package io.longstrand.backend.torch;

import io.longstrand.tensor.CopyEngine;
import io.longstrand.tensor.Tensor;
import org.bytedeco.pytorch.cuda.CUDAEvent;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.cuda.CUDAStreamGuard;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * Copies on a CUDA stream beside the one that computes; events order the two, and the host waits for neither.
 */
final class CudaCopies implements CopyEngine {
    private final Device device;
    private final Views views;
    private final Scratch scratch;
    private final CUDAStream stream;

    CudaCopies(Device device, Scratch scratch) {
        this.device = device;
        this.scratch = scratch;
        views = new Views(device, scratch);
        stream = torch_cuda.getStreamFromPool(false, (byte) device.ordinal());
    }

    /** What a stream was given up to here. */
    private record Recorded(CUDAEvent event) implements Completion {
        @Override
        public boolean reached() {
            return event.query();
        }

        @Override
        public void finish() {
            event.synchronize();
        }
    }

    @Override
    public Completion computed() {
        device.select();
        return recorded(torch_cuda.getCurrentCUDAStream((byte) device.ordinal()));
    }

    @Override
    public Completion copy(Tensor from, Tensor to, Completion after) {
        device.select();
        hold(stream, after);
        scratch.run(() -> {
            try (CUDAStreamGuard beside = new CUDAStreamGuard(stream.unwrap())) {
                views.of(to).assignWithoutWaiting(views.of(from));
            }
        });
        return recorded(stream);
    }

    @Override
    public void holdCompute(Completion until) {
        device.select();
        hold(torch_cuda.getCurrentCUDAStream((byte) device.ordinal()), until);
    }

    private static void hold(CUDAStream stream, Completion until) {
        if (until instanceof Recorded recorded) {
            recorded.event().block(stream);
        } else {
            until.finish();
        }
    }

    private static Recorded recorded(CUDAStream stream) {
        CUDAEvent event = new CUDAEvent();
        event.record(stream);
        return new Recorded(event);
    }

    @Override
    public void close() {
        stream.close();
    }
}
