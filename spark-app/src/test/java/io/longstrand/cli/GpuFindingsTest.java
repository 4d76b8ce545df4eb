package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.cli.Finding.Verdict;
import io.longstrand.gpu.CudaCheck;
import io.longstrand.gpu.CudaStack;
import io.longstrand.gpu.NvidiaDriver;
import io.longstrand.gpu.Surroundings;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GpuFindingsTest {
    private record Told(Set<CudaStack> stacks, Optional<NvidiaDriver> driver, Optional<String> visibleDevices)
            implements Surroundings {}

    private static List<Finding> findings(Optional<NvidiaDriver> driver, CudaStack... stacks) {
        return new GpuFindings(new CudaCheck(new Told(Set.of(stacks), driver, Optional.empty()))).list();
    }

    private static Optional<NvidiaDriver> driver(String version, long freeMebibytes) {
        return Optional.of(new NvidiaDriver(
                version,
                List.of(new NvidiaDriver.Gpu(0, "NVIDIA A100", "GPU-a1", "8.0", 40960L << 20, freeMebibytes << 20))));
    }

    @Test
    void a_machine_without_gpus_is_well_with_any_build_and_told_what_is_missing() {
        assertThat(findings(Optional.empty()))
                .containsExactly(new Finding(
                        "CUDA", Verdict.ABSENT, "this build computes on the CPU, and no NVIDIA driver is here"));
        assertThat(findings(Optional.empty(), CudaStack.LIBTORCH))
                .containsExactly(new Finding(
                        "CUDA",
                        Verdict.ABSENT,
                        "there is no NVIDIA driver here that answers (nvidia-smi); libtorch for CUDA 12.6 needs release"
                                + " 525 or newer"));
    }

    @Test
    void a_gpu_and_a_build_for_it_are_told_with_all_that_identifies_it() {
        assertThat(findings(driver("535.161.08", 40331), CudaStack.LIBTORCH))
                .containsExactly(
                        new Finding(
                                "GPUs",
                                Verdict.OK,
                                "GPU 0 (NVIDIA A100), GPU-a1, compute capability 8.0, 40331 of 40960 MiB free, driver"
                                        + " 535.161.08"),
                        new Finding("CUDA", Verdict.OK, "libtorch for CUDA 12.6 finds its driver and GPUs it knows"));
    }

    @Test
    void a_build_without_cuda_beside_a_gpu_is_told_how_to_use_it() {
        assertThat(findings(driver("535.161.08", 40331)))
                .last()
                .isEqualTo(new Finding(
                        "CUDA",
                        Verdict.ABSENT,
                        "this build computes on the CPU; build with LONGSTRAND_PROFILE=cuda to use the GPUs that are"
                                + " here"));
    }

    @Test
    void a_taken_gpu_an_old_driver_and_two_stacks_are_faults() {
        assertThat(findings(driver("535.161.08", 2000), CudaStack.LIBTORCH).get(0))
                .satisfies(finding -> {
                    assertThat(finding.verdict()).isEqualTo(Verdict.FAULT);
                    assertThat(finding.detail())
                            .startsWith("GPU 0 (NVIDIA A100) is taken: other processes use 38.0 of");
                });
        // Nobody who computes on the CPU minds.
        assertThat(findings(driver("535.161.08", 2000)).get(0).verdict()).isEqualTo(Verdict.OK);
        assertThat(findings(driver("470.82.01", 40331), CudaStack.LIBTORCH)
                        .get(1)
                        .verdict())
                .isEqualTo(Verdict.FAULT);
        assertThat(findings(Optional.empty(), CudaStack.LIBTORCH, CudaStack.ND4J))
                .singleElement()
                .satisfies(finding -> assertThat(finding.verdict()).isEqualTo(Verdict.FAULT));
    }
}
