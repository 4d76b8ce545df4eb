package io.longstrand.spark.launch;

import io.longstrand.config.EnvironmentError;
import io.longstrand.gpu.CudaCheck;
import io.longstrand.gpu.CudaStack;
import io.longstrand.gpu.ThisMachine;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DeviceIdentity;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A rank that Spark gave a GPU must compute on it: a backend that finds none would take the CPU and say nothing. */
public final class GpuPreflight {
    /** Those that compute on a GPU where they find one; others were chosen by name, to leave GPUs alone. */
    private static final Set<String> ON_GPUS = Set.of("auto", "torch");

    private final CudaCheck cuda;
    private final Function<String, Optional<DeviceIdentity>> identities;

    /** For a rank where it finds itself. */
    public GpuPreflight(RankPlace place) {
        this(new CudaCheck(new ThisMachine()), backend -> new Backends()
                .deviceIdentity(backend, new BackendProvider.Options(place.threads(), place.device())));
    }

    /** @param identities the GPU that a backend computes on, by the backend's name */
    GpuPreflight(CudaCheck cuda, Function<String, Optional<DeviceIdentity>> identities) {
        this.cuda = cuda;
        this.identities = identities;
    }

    /**
     * Looks before a backend is opened.
     *
     * @param backend by its name
     * @param gpu that Spark gave this rank; empty when it gave none
     * @throws EnvironmentError when the backend would leave it alone
     */
    public void check(String backend, String gpu) {
        if (!gpu.isEmpty()
                && ON_GPUS.contains(backend)
                && identities.apply(backend).isEmpty()) {
            throw new EnvironmentError("Spark gave this rank GPU " + gpu + ", and backend " + backend
                    + " would compute on the CPU: "
                    + cuda.obstacle(CudaStack.LIBTORCH).orElse("libtorch finds no CUDA device here")
                    + "; or set backend=cpu");
        }
    }
}
