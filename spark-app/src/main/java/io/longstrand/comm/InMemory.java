package io.longstrand.comm;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Ranks that are threads of one process: for local mode and tests. */
public final class InMemory {
    private InMemory() {}

    /**
     * As many ranks as asked for; each belongs to one thread.
     *
     * @param ranks number of ranks, at least 1
     * @param operationTimeout longest time one operation may take
     */
    public static List<World> worlds(int ranks, Duration operationTimeout) {
        Meetings meetings = new Meetings(ranks);
        return IntStream.range(0, ranks)
                .mapToObj(rank -> new World(new InMemoryTransport(meetings, rank), operationTimeout))
                .toList();
    }
}
