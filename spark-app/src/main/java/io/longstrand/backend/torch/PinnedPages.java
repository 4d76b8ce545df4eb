package io.longstrand.backend.torch;

import io.longstrand.backend.NativeMemory;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Pointer;

/**
 * Host memory that stays where it is, so that a GPU copies from and to it by itself while both sides go on.
 */
final class PinnedPages implements NativeMemory.Source {
    @Override
    public Pointer allocate(long bytes) {
        Pointer pages = new Pointer();
        if (cudart.cudaHostAlloc(pages, bytes, cudart.cudaHostAllocPortable) != cudart.cudaSuccess) {
            cudart.cudaGetLastError(); // else the next kernel is blamed for it
            return null;
        }
        Pointer.memset(pages, 0, bytes);
        return pages;
    }

    @Override
    public void free(Pointer base) {
        cudart.cudaFreeHost(base);
    }
}
