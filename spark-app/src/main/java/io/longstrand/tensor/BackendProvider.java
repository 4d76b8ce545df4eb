package io.longstrand.tensor;

import java.util.Optional;

/** Finds out whether a backend can run here and opens it; registered for {@link java.util.ServiceLoader}. */
public interface BackendProvider {
    /**
     * What a rank gives its backend.
     *
     * @param threads lanes the kernels may use, at least 1
     * @param device number of the GPU to compute on, among those this process sees; backends without one ignore it
     */
    record Options(int threads, int device) {
        /** With the first GPU, if any. */
        public Options(int threads) {
            this(threads, 0);
        }
    }

    /** Name in the configuration. */
    String name();

    /** Whether it suits {@code backend = auto} here; the higher wins, negative never. */
    int priority();

    /** Why it cannot run here and what would help; empty when it can. Loads no device memory. */
    Optional<String> unavailable();

    /**
     * The GPU that a backend opened with these options computes on; empty for the processor of this machine, and where it
     * cannot run. Takes no memory of the GPU.
     *
     * @throws io.longstrand.config.EnvironmentError when there is no such GPU
     */
    default Optional<DeviceIdentity> deviceIdentity(Options options) {
        return Optional.empty();
    }

    /**
     * Opens the backend.
     *
     * @throws io.longstrand.config.EnvironmentError when it cannot run here, naming what is missing
     */
    Backend open(Options options);
}
