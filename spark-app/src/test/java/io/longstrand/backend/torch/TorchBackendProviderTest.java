package io.longstrand.backend.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.EnvironmentError;
import io.longstrand.tensor.BackendProvider;
import org.junit.jupiter.api.Test;

class TorchBackendProviderTest {
    @Test
    void a_build_without_libtorch_says_how_to_get_it() {
        TorchBackendProvider bare = new TorchBackendProvider(ClassLoader.getPlatformClassLoader());

        assertThat(bare.unavailable()).hasValueSatisfying(reason -> assertThat(reason)
                .contains("without libtorch", "LONGSTRAND_PROFILE=torch (CPU) or cuda"));
        assertThat(bare.priority()).isNegative();
        assertThatThrownBy(() -> bare.open(new BackendProvider.Options(1)))
                .isInstanceOf(EnvironmentError.class)
                .hasMessageContaining("LONGSTRAND_PROFILE=torch");
    }

    @Test
    void auto_takes_it_only_where_there_is_cuda() {
        TorchBackendProvider provider = new TorchBackendProvider();

        assertThat(provider.unavailable()).isEmpty();
        assertThat(provider.priority() > 0).isEqualTo(Device.best(0).isCuda());
    }
}
