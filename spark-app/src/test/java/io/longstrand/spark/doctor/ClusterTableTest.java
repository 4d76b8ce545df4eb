package io.longstrand.spark.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.conformance.KernelVerdict;
import io.longstrand.doctor.DeviceReport;
import io.longstrand.doctor.Rate;
import io.longstrand.doctor.StepVerdict;
import io.longstrand.tensor.DataType;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterTableTest {
    private static KernelVerdict verdict(DataType type, double deviation, double ofAllowed, String... faults) {
        return new KernelVerdict("gelu", type, 9, deviation, ofAllowed, "2 × 2", 1e-3, List.of(faults));
    }

    private static DeviceReport found(KernelVerdict... kernels) {
        return new DeviceReport(
                "torch",
                "libtorch",
                "NVIDIA A100 (GPU-1, compute capability 8.0, driver for CUDA 12.4, 40960 MiB)",
                List.of(kernels),
                List.of(new Rate("matmul fp32", 19000, "GFLOP/s"), new Rate("copy host to device", 24.5, "GB/s")),
                List.of(new StepVerdict("fp32", 4.25, 1e-7, 3e-6, "head.weight", 1e-5, 1e-4, 0.1)),
                List.of(),
                List.of(),
                12);
    }

    @Test
    void a_row_a_rank_then_the_worst_of_each_kernel_then_what_is_wrong_with_rank_and_host() {
        ClusterReport report = new ClusterReport(List.of(
                new RankReport(0, "node-a", "3", 5e9, found(verdict(DataType.FLOAT32, 1e-7, 0.1)), ""),
                new RankReport(
                        1, "node-b", "1", 5e9, found(verdict(DataType.FLOAT32, 0.5, 40, "element (0, 0) is 1")), ""),
                new RankReport(2, "node-c", "2", 5e9, null, "backend torch cannot run here: no CUDA")));

        assertThat(new ClusterTable(report).lines())
                .containsExactly(
                        "rank  host    executor  backend  kernels right  worst fp32  worst bf16  matmul fp32       matmul"
                                + " bf16  copy host to device  copy device to host  all-reduce  step fp32    step bf16"
                                + "  device",
                        "0     node-a  3         torch    1 of 1         0.10 gelu               19,000.0 GFLOP/s"
                                + "               24.5 GB/s                                 5.0 GB/s    1e-07 3e-06"
                                + "             NVIDIA A100 (GPU-1, compute capability 8.0, driver for CUDA 12.4, 40960"
                                + " MiB)",
                        "1     node-b  1         torch    0 of 1         40.00 gelu              19,000.0 GFLOP/s"
                                + "               24.5 GB/s                                 5.0 GB/s    1e-07 3e-06"
                                + "             NVIDIA A100 (GPU-1, compute capability 8.0, driver for CUDA 12.4, 40960"
                                + " MiB)",
                        "2     node-c  2         none                                                            "
                                + "                                                         5.0 GB/s",
                        "",
                        "kernel  type  worst deviation  of allowed  rank",
                        "gelu    fp32  5.0e-01          40.00       1     WRONG",
                        "",
                        "FAULT rank 1 on node-b: gelu: element (0, 0) is 1",
                        "FAULT rank 2 on node-c: backend torch cannot run here: no CUDA",
                        "Something is wrong: see FAULT above.");
    }

    @Test
    void the_document_has_every_rank_with_its_device_or_without() {
        ClusterReport report = new ClusterReport(List.of(
                new RankReport(0, "node-a", "3", 0, found(verdict(DataType.FLOAT32, 1e-7, 0.1)), ""),
                new RankReport(1, "node-b", "1", 5e9, null, "no CUDA")));

        assertThat(ClusterDocument.of(report).toString())
                .startsWith("{healthy=false, ranks=[{rank=0, host=node-a, executor=3, allReduceBytesPerSecond=null,"
                        + " device={healthy=true, backend=torch")
                .contains("{rank=1, host=node-b, executor=1, allReduceBytesPerSecond=5.0E9, device=null,"
                        + " faults=[rank 1 on node-b: no CUDA]}");
    }
}
