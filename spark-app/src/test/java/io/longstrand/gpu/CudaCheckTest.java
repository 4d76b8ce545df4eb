package io.longstrand.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.gpu.NvidiaDriver.Gpu;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CudaCheckTest {
    private static final Gpu A100 = new Gpu(0, "NVIDIA A100-SXM4-40GB", "GPU-a1", "8.0", 40L << 30, 39L << 30);
    private static final Gpu H100 = new Gpu(1, "NVIDIA H100 80GB HBM3", "GPU-b2", "9.0", 80L << 30, 79L << 30);
    private static final Gpu B200 = new Gpu(2, "NVIDIA B200", "GPU-c3", "10.0", 180L << 30, 179L << 30);

    /** Surroundings as told. */
    private record Told(Set<CudaStack> stacks, Optional<NvidiaDriver> driver, Optional<String> visibleDevices)
            implements Surroundings {}

    private static CudaCheck check(Set<CudaStack> stacks, String driver, Gpu... gpus) {
        return new CudaCheck(new Told(stacks, Optional.of(new NvidiaDriver(driver, List.of(gpus))), Optional.empty()));
    }

    private static CudaCheck withoutDriver(CudaStack... stacks) {
        return new CudaCheck(new Told(Set.of(stacks), Optional.empty(), Optional.empty()));
    }

    private static CudaCheck seeing(String visible) {
        return new CudaCheck(new Told(
                Set.of(CudaStack.ND4J),
                Optional.of(new NvidiaDriver("535.161.08", List.of(A100, H100))),
                Optional.of(visible)));
    }

    @Test
    void nothing_is_in_the_way_of_a_stack_with_its_driver_and_a_gpu_it_knows() {
        assertThat(check(Set.of(CudaStack.LIBTORCH), "525.60.13", A100, H100).obstacle(CudaStack.LIBTORCH))
                .isEmpty();
        assertThat(check(Set.of(CudaStack.ND4J), "470.82.01", A100).obstacle(CudaStack.ND4J))
                .isEmpty();
    }

    @Test
    void two_stacks_on_one_class_path_are_refused_for_either() {
        CudaCheck both = check(Set.of(CudaStack.LIBTORCH, CudaStack.ND4J), "535.161.08", A100);
        for (CudaStack stack : CudaStack.values()) {
            assertThat(both.obstacle(stack)).isEqualTo(both.severalStacks());
        }
        assertThat(both.severalStacks().orElseThrow())
                .startsWith("the class path has ")
                .contains("libtorch for CUDA 12.6", "nd4j-cuda for CUDA 11.6")
                .contains(", and a process loads only one; build with LONGSTRAND_PROFILE=")
                .containsAnyOf("cuda or nd4j-cuda", "nd4j-cuda or cuda");
        assertThat(check(Set.of(CudaStack.ND4J), "535.161.08").severalStacks()).isEmpty();
    }

    @Test
    void cuda_that_was_asked_for_and_is_not_there_is_told_with_the_release_it_needs() {
        assertThat(withoutDriver(CudaStack.ND4J).obstacle(CudaStack.ND4J))
                .hasValue("there is no NVIDIA driver here that answers (nvidia-smi); nd4j-cuda for CUDA 11.6 needs"
                        + " release 450 or newer");
        assertThat(withoutDriver().obstacle(CudaStack.LIBTORCH))
                .hasValue("this build is without libtorch for CUDA 12.6; build with LONGSTRAND_PROFILE=cuda");
    }

    @Test
    void a_driver_that_is_too_old_is_told_with_both_releases() {
        assertThat(check(Set.of(CudaStack.LIBTORCH), "470.82.01", A100).obstacle(CudaStack.LIBTORCH))
                .hasValue("the NVIDIA driver here is release 470.82.01, and libtorch for CUDA 12.6 needs release 525 or"
                        + " newer; install one");
    }

    @Test
    void a_gpu_too_new_for_nd4j_is_told_with_the_profile_that_computes_on_it() {
        assertThat(check(Set.of(CudaStack.ND4J), "535.161.08", H100).obstacle(CudaStack.ND4J))
                .hasValue("GPU 1 (NVIDIA H100 80GB HBM3) has compute capability 9.0, and nd4j-cuda for CUDA 11.6 has no"
                        + " instructions for 9.0 and newer; build with LONGSTRAND_PROFILE=cuda and set backend=torch");
        assertThat(check(Set.of(CudaStack.LIBTORCH), "570.86.10", B200).obstacle(CudaStack.LIBTORCH))
                .hasValue("GPU 2 (NVIDIA B200) has compute capability 10.0, and libtorch for CUDA 12.6 has no"
                        + " instructions for 10.0 and newer; choose an older GPU with CUDA_VISIBLE_DEVICES, or compute on"
                        + " the CPU with backend=cpu");
    }

    @Test
    void only_gpus_that_this_process_sees_are_looked_at() {
        assertThat(seeing("0").obstacle(CudaStack.ND4J)).isEmpty();
        assertThat(seeing("GPU-a1").obstacle(CudaStack.ND4J)).isEmpty();
        assertThat(seeing("0,1").obstacle(CudaStack.ND4J)).isPresent();
        assertThat(seeing("").obstacle(CudaStack.ND4J))
                .hasValue("CUDA_VISIBLE_DEVICES= hides every GPU of this machine");
        assertThat(seeing("-1,0").obstacle(CudaStack.ND4J))
                .hasValue("CUDA_VISIBLE_DEVICES=-1,0 hides every GPU of this machine");
        assertThat(seeing("0,7,1").obstacle(CudaStack.ND4J)).isEmpty();
        // A part of a GPU may be one of any.
        assertThat(seeing("MIG-5c1").obstacle(CudaStack.ND4J))
                .hasValueSatisfying(line -> assertThat(line).doesNotContain("hides"));
    }

    @Test
    void a_gpu_of_which_others_use_more_than_a_tenth_is_taken() {
        assertThat(new GpuMemory(40L << 30, 39L << 30).taken("GPU 0")).isEmpty();
        assertThat(new GpuMemory(8L << 30, 6L << 30).taken("GPU 0"))
                .as("a desktop on a small one")
                .isEmpty();
        assertThat(new GpuMemory(40L << 30, 30L << 30).taken("GPU 0 (NVIDIA A100)"))
                .hasValue("GPU 0 (NVIDIA A100) is taken: other processes use 10.0 of its 40.0 GiB (nvidia-smi shows"
                        + " them); end them, or choose another GPU with CUDA_VISIBLE_DEVICES");
    }
}
