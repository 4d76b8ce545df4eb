package io.longstrand.tensor;

/** Where memory lives. Kernels accept {@link #DEVICE} tensors only; only {@link Kernels#copy} crosses. */
public enum Place {
    /** What a GPU has; on CPU backends an enforced budget. */
    DEVICE,
    /** Where masks, optimizer state, parameters and activations go when offloaded, and where Java reads and writes. */
    HOST
}
