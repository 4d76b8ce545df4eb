package io.longstrand.spark.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.EnvironmentError;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpuTest {
    @Test
    void an_address_is_the_number_of_the_device_where_all_are_visible() {
        assertThat(Gpu.of(List.of("3"), null)).isEqualTo(new Gpu("3", 3));
    }

    @Test
    void cuda_numbers_visible_devices_anew() {
        assertThat(Gpu.of(List.of("3"), "1, 3").device()).isEqualTo(1);
        assertThat(Gpu.of(List.of("GPU-7f"), "GPU-7f").device()).isZero();
    }

    @Test
    void a_hidden_gpu_is_refused() {
        assertThatThrownBy(() -> Gpu.of(List.of("2"), "0,1"))
                .isInstanceOf(EnvironmentError.class)
                .hasMessageStartingWith("Spark gave this rank GPU 2, and CUDA_VISIBLE_DEVICES=0,1 hides it; ");
    }

    @Test
    void several_gpus_of_one_rank_are_refused() {
        assertThatThrownBy(() -> Gpu.of(List.of("0", "1"), null))
                .isInstanceOf(EnvironmentError.class)
                .hasMessage("Spark gave this rank 2 GPUs (0, 1); a rank computes on one: set"
                        + " spark.task.resource.gpu.amount=1");
    }

    @Test
    void an_address_that_cuda_cannot_count_is_refused() {
        assertThatThrownBy(() -> Gpu.of(List.of("GPU-7f"), null))
                .isInstanceOf(EnvironmentError.class)
                .hasMessageStartingWith("Spark gave this rank GPU GPU-7f, which is no number; ");
    }
}
