package io.longstrand.backend.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.DeviceIdentity;
import java.util.HexFormat;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class CudaRuntimeTest {
    @Test
    void a_uuid_is_written_as_nvidias_tools_write_it() {
        byte[] bytes = HexFormat.of().parseHex("8f6d9e1b00ff4a2c9d3e0123456789ab");

        assertThat(CudaRuntime.uuid(bytes)).isEqualTo("GPU-8f6d9e1b-00ff-4a2c-9d3e-0123456789ab");
    }

    @Test
    void versions_are_written_as_people_write_them() {
        assertThat(DeviceIdentity.version(12_060)).isEqualTo("12.6");
        assertThat(new DeviceIdentity("NVIDIA A100", "GPU-1", "8.0", 12_040, 40L << 30).text())
                .isEqualTo("NVIDIA A100 (GPU-1, compute capability 8.0, driver for CUDA 12.4, 40960 MiB)");
    }

    @Test
    void a_processor_is_no_gpu() {
        assumeThat(torch.cuda_is_available()).isFalse();

        assertThat(new TorchBackendProvider().deviceIdentity(new BackendProvider.Options(1)))
                .isEmpty();
    }

    @Test
    void a_gpu_says_which_it_is() {
        assumeThat(torch.cuda_is_available()).isTrue();

        DeviceIdentity gpu = new TorchBackendProvider()
                .deviceIdentity(new BackendProvider.Options(1))
                .orElseThrow();

        assertThat(gpu.uuid()).matches("GPU(-[0-9a-f]+){5}");
        assertThat(gpu.memoryBytes()).isPositive();
        assertThat(gpu.cuda()).isGreaterThanOrEqualTo(11_000);
    }
}
