package io.longstrand.backend.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.EnvironmentError;
import io.longstrand.gpu.CudaStack;
import io.longstrand.gpu.NvidiaDriver;
import io.longstrand.gpu.Surroundings;
import io.longstrand.tensor.BackendProvider;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class Nd4jBackendProviderTest {
    private record Told(Set<CudaStack> stacks, Optional<NvidiaDriver> driver, Optional<String> visibleDevices)
            implements Surroundings {}

    @Test
    void nd4j_cuda_without_a_driver_is_refused_instead_of_computing_on_the_cpu_in_silence() {
        BackendProvider provider =
                new Nd4jBackendProvider(new Told(Set.of(CudaStack.ND4J), Optional.empty(), Optional.empty()));

        assertThatThrownBy(() -> provider.open(new BackendProvider.Options(1)))
                .isInstanceOf(EnvironmentError.class)
                .hasMessage(
                        "backend nd4j cannot run here: nd4j-cuda is on the class path, so a GPU was asked for: there"
                                + " is no NVIDIA driver here that answers (nvidia-smi); nd4j-cuda for CUDA 11.6 needs release 450"
                                + " or newer");
    }

    @Test
    void a_gpu_too_new_for_it_is_refused_with_the_profile_to_use() {
        NvidiaDriver driver = new NvidiaDriver(
                "535.161.08", List.of(new NvidiaDriver.Gpu(0, "NVIDIA H100", "GPU-b2", "9.0", 80L << 30, 79L << 30)));

        assertThat(new Nd4jBackendProvider(new Told(Set.of(CudaStack.ND4J), Optional.of(driver), Optional.empty()))
                        .unavailable())
                .hasValueSatisfying(reason ->
                        assertThat(reason).endsWith("build with LONGSTRAND_PROFILE=cuda and set backend=torch"));
    }

    @Test
    void without_nd4j_cuda_gpus_are_not_looked_at() {
        assertThat(new Nd4jBackendProvider(new Told(Set.of(), Optional.empty(), Optional.empty())).unavailable())
                .isEmpty();
    }
}
