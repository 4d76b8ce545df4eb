package io.longstrand.spark.launch;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.EnvironmentError;
import io.longstrand.gpu.CudaCheck;
import io.longstrand.gpu.CudaStack;
import io.longstrand.gpu.NvidiaDriver;
import io.longstrand.gpu.Surroundings;
import io.longstrand.tensor.DeviceIdentity;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GpuPreflightTest {
    private static final DeviceIdentity A100 = new DeviceIdentity("NVIDIA A100", "GPU-a1", "8.0", 12040, 40L << 30);

    /** A machine without a driver. */
    private record Bare(Set<CudaStack> stacks) implements Surroundings {
        @Override
        public Optional<NvidiaDriver> driver() {
            return Optional.empty();
        }

        @Override
        public Optional<String> visibleDevices() {
            return Optional.empty();
        }
    }

    private static GpuPreflight preflight(Optional<DeviceIdentity> found, CudaStack... stacks) {
        return new GpuPreflight(new CudaCheck(new Bare(Set.of(stacks))), backend -> found);
    }

    @Test
    void a_gpu_that_was_given_and_would_be_left_alone_is_told_with_what_is_missing() {
        assertThatThrownBy(() -> preflight(Optional.empty(), CudaStack.LIBTORCH).check("torch", "3"))
                .isInstanceOf(EnvironmentError.class)
                .hasMessage("Spark gave this rank GPU 3, and backend torch would compute on the CPU: there is no NVIDIA"
                        + " driver here that answers (nvidia-smi); libtorch for CUDA 12.6 needs release 525 or newer; or"
                        + " set backend=cpu");
        assertThatThrownBy(() -> preflight(Optional.empty()).check("auto", "0"))
                .isInstanceOf(EnvironmentError.class)
                .hasMessage(
                        "Spark gave this rank GPU 0, and backend auto would compute on the CPU: this build is without"
                                + " libtorch for CUDA 12.6; build with LONGSTRAND_PROFILE=cuda; or set backend=cpu");
    }

    @Test
    void a_rank_without_a_gpu_one_that_computes_on_its_own_and_one_that_shall_not_are_let_through() {
        assertThatCode(() -> {
                    preflight(Optional.empty()).check("auto", "");
                    preflight(Optional.of(A100), CudaStack.LIBTORCH).check("auto", "0");
                    preflight(Optional.empty()).check("cpu", "0");
                })
                .doesNotThrowAnyException();
    }
}
