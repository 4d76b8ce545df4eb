package io.longstrand.spark.doctor;

import io.longstrand.comm.Communicator;
import io.longstrand.comm.World;
import io.longstrand.config.EnvironmentError;
import io.longstrand.mesh.Axis;
import io.longstrand.mesh.Mesh;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.Set;

/** How fast all ranks of a world add up a tensor, all of them taking part. */
final class AllReduceRate {
    private static final long BYTES = 64L << 20;
    private static final int ROUNDS = 3;

    private final World world;
    private final String backend;
    private final BackendProvider.Options options;

    /** @param backend that holds the tensor where ranks add up on their devices, opened with these options */
    AllReduceRate(World world, String backend, BackendProvider.Options options) {
        this.world = world;
        this.backend = backend;
        this.options = options;
    }

    /**
     * Bytes of the tensor in a second, the best of some rounds; 0 for one rank alone. In host memory any backend holds
     * the tensor, so that a rank whose own one cannot run does not keep the others waiting.
     */
    double bytesPerSecond() {
        if (world.size() == 1) {
            return 0;
        }
        Communicator all = world.along(new Mesh(world.size(), 1, 1, 1), Set.of(Axis.DATA));
        try (Backend holder = all.place() == Place.HOST ? any() : new Backends().open(backend, options);
                Arena arena = new Arena(holder, all.place(), BYTES)) {
            Tensor tensor = arena.allocate("all-reduce", DataType.FLOAT32, 1, BYTES / Float.BYTES);
            all.allReduce(tensor); // connections and buffers grow to their size
            holder.synchronize();
            long best = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long start = System.nanoTime();
                all.allReduce(tensor);
                holder.synchronize(); // ranks that add up on their devices may still be at it
                best = Math.min(best, System.nanoTime() - start);
            }
            return BYTES / (best * 1e-9);
        }
    }

    private static Backend any() {
        Backends backends = new Backends();
        return backends.providers().stream()
                .filter(provider -> provider.unavailable().isEmpty())
                .max((one, other) -> Integer.compare(hostOnly(one), hostOnly(other)))
                .orElseThrow(() -> new EnvironmentError("no backend can run here"))
                .open(new BackendProvider.Options(1));
    }

    /** One that leaves GPUs alone comes first. */
    private static int hostOnly(BackendProvider provider) {
        return provider.name().equals("cpu") ? 1 : 0;
    }
}
