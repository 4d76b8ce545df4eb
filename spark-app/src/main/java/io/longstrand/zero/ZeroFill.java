package io.longstrand.zero;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;

/** Sets flat tensors to zero in either place: kernels reach those of the device only. */
final class ZeroFill {
    private static final int CHUNK_BYTES = 1 << 18;

    private final Kernels kernels;

    ZeroFill(Kernels kernels) {
        this.kernels = kernels;
    }

    /** @param flat (1, n) */
    void run(Tensor flat) {
        if (flat.place() == Place.DEVICE) {
            kernels.fill(flat, 0);
            return;
        }
        byte[] zeros = new byte[CHUNK_BYTES];
        long chunk = CHUNK_BYTES / flat.type().bytes();
        for (long from = 0; from < flat.columns(); from += chunk) {
            Tensor part = flat.columns(from, Math.min(flat.columns(), from + chunk));
            part.hostBytes().put(zeros, 0, (int) part.bytes());
        }
    }
}
