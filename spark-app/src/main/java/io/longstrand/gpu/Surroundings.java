package io.longstrand.gpu;

import java.util.Optional;
import java.util.Set;

/** What surrounds this process. */
public interface Surroundings {
    /** The CUDA stacks on its class path. */
    Set<CudaStack> stacks();

    /** NVIDIA's driver; empty where there is none, or none that answers. */
    Optional<NvidiaDriver> driver();

    /** What says which GPUs a process sees, {@code CUDA_VISIBLE_DEVICES}; empty where nothing does. */
    Optional<String> visibleDevices();
}
