package io.longstrand.comm;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Ranks that are threads of one process and whose messages come late. */
public final class DelayedWorlds {
    private DelayedWorlds() {}

    /** As {@link InMemory#worlds}. */
    public static List<World> worlds(int ranks, Duration operationTimeout, long seed) {
        Meetings meetings = new Meetings(ranks);
        return IntStream.range(0, ranks)
                .mapToObj(rank ->
                        new World(new DelayedTransport(new InMemoryTransport(meetings, rank), seed), operationTimeout))
                .toList();
    }
}
