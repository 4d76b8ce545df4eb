package io.longstrand.comm.nccl;

import io.longstrand.comm.World;
import java.time.Duration;
import java.util.List;

/** Ranks that are threads of one process and whose groups talk as over NCCL. */
public final class NcclWorlds {
    private NcclWorlds() {}

    /** As {@link io.longstrand.comm.InMemory#worlds}. */
    public static List<World> worlds(int ranks, Duration operationTimeout) {
        return new FakeNccl().worlds(ranks, operationTimeout);
    }
}
