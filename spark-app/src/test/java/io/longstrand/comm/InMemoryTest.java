package io.longstrand.comm;

import java.time.Duration;
import java.util.List;

/** Ranks that are threads of one process. */
class InMemoryTest extends CommunicatorContract {
    @Override
    protected List<World> join(int ranks, Duration operationTimeout) {
        return InMemory.worlds(ranks, operationTimeout);
    }
}
