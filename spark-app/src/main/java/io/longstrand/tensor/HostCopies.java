package io.longstrand.tensor;

import java.util.function.BiConsumer;

/** Copies made by the thread that begins them, beside kernels that are done when they return. */
record HostCopies(BiConsumer<Tensor, Tensor> copier) implements CopyEngine {
    @Override
    public Completion computed() {
        return Completion.DONE;
    }

    @Override
    public Completion copy(Tensor from, Tensor to, Completion after) {
        after.finish();
        copier.accept(from, to);
        return Completion.DONE;
    }

    @Override
    public void holdCompute(Completion until) {
        until.finish();
    }

    @Override
    public void close() {}
}
