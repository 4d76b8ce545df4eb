package io.longstrand.comm.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.longstrand.comm.Communicator;
import io.longstrand.comm.DeviceWorlds;
import io.longstrand.comm.World;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The library itself, where it loads: it needs NVIDIA's driver and a build with CUDA. */
class NcclLibraryTest {
    @BeforeEach
    void where_it_loads() {
        assumeThat(Nccl.unavailable()).isEmpty();
    }

    @Test
    void it_is_the_version_that_its_interface_was_made_for() {
        assertThat(Nccl.version()).isEqualTo("2.23.4");
        assertThat(new BytedecoNccl(0).uniqueId()).hasSize(128).isNotEqualTo(new byte[128]);
    }

    @Test
    void one_rank_with_a_gpu_gets_from_every_operation_what_it_gave() {
        BackendProvider.Options options = new BackendProvider.Options(1);
        assumeThat(new Backends().deviceIdentity("auto", options)).isPresent();
        try (World world = DeviceWorlds.worlds(1, Duration.ofSeconds(60), rank -> Nccl.on(0))
                        .get(0);
                Backend backend = new Backends().open("auto", options);
                Arena device = new Arena(backend, Place.DEVICE, 1 << 16);
                Arena host = new Arena(backend, Place.HOST, 1 << 16)) {
            Communicator ranks = world.group("alone", List.of(0));
            Tensor given = device.allocate("test", DataType.FLOAT32, 1, 1000);
            Tensor taken = device.allocate("test", DataType.FLOAT32, 1, 1000);
            backend.kernels().fill(given, 3);
            backend.synchronize();

            ranks.allReduce(given);
            ranks.reduceScatter(given, taken);
            ranks.allGather(taken, given);
            ranks.allToAll(List.of(given), List.of(taken));
            ranks.broadcast(0, taken);

            Tensor read = host.allocate("test", DataType.FLOAT32, 1, 1000);
            backend.kernels().copy(taken, read);
            backend.synchronize();
            float[] values = new float[1000];
            read.hostBytes().asFloatBuffer().get(values);
            assertThat(values).containsOnly(3);
        }
    }
}
