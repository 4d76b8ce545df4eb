package io.longstrand.comm;

import io.longstrand.mesh.Axis;
import io.longstrand.mesh.Mesh;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One rank's membership in a run: the groups it communicates in and what that comes to. Closing it leaves no thread and
 * no port behind; operations still in progress fail, here and on ranks that need this one for them. Close it before the
 * memory of its tensors.
 */
public final class World implements AutoCloseable {
    private final Transport transport;
    private final Function<Group, Membership> open;
    private final TrafficMeter meter;
    private final Map<Group, Membership> groups = new HashMap<>();
    private boolean closed;

    /**
     * Joins.
     *
     * @param transport carries the messages; closed with the world
     * @param operationTimeout longest time one operation may take before the run fails
     */
    public World(Transport transport, Duration operationTimeout) {
        this.transport = transport;
        meter = new TrafficMeter();
        open = group -> new GroupCommunicator(transport, group, operationTimeout, meter);
    }

    private World(RehearsalTransport nowhere) {
        transport = nowhere;
        meter = new TrafficMeter();
        open = group -> new RehearsalCommunicator(nowhere.rank(), group, meter);
    }

    /**
     * A membership for plans: its operations move nothing, are done at once, and count the bytes they would send.
     *
     * @param rank the rank whose part is rehearsed
     * @param ranks how many there will be
     */
    public static World rehearsal(int rank, int ranks) {
        return new World(new RehearsalTransport(Objects.checkIndex(rank, ranks), ranks));
    }

    /** This rank. */
    public int rank() {
        return transport.rank();
    }

    /** Number of ranks. */
    public int size() {
        return transport.world();
    }

    /** All ranks. */
    public Communicator all() {
        return group("world", IntStream.range(0, size()).boxed().toList());
    }

    /** The ranks that differ from this one along some axes at most, in the mesh's order. */
    public Communicator along(Mesh mesh, Set<Axis> axes) {
        if (mesh.world() != size()) {
            throw new IllegalArgumentException(mesh + " has " + mesh.world() + " ranks, the run " + size());
        }
        String name = axes.stream()
                .sorted()
                .map(axis -> axis.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining("+"));
        return group(name, mesh.group(rank(), axes));
    }

    /**
     * A group by its name and members; the same name and members give the same communicator again, on every rank.
     *
     * @param ranks numbers in the world, this rank among them, in the order they shall have in the group
     */
    public synchronized Communicator group(String name, List<Integer> ranks) {
        if (closed) {
            throw new IllegalStateException("rank " + rank() + " has left");
        }
        return groups.computeIfAbsent(Group.of(name, ranks), open);
    }

    /** What this rank's operations came to, every kind. */
    public Map<OperationKind, Traffic> traffic() {
        return meter.traffic();
    }

    /** Bytes sent beside the elements: headers, requests, announcements, heartbeats. */
    public long overheadBytes() {
        return transport.overheadBytes();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            try {
                close(groups.values().iterator());
            } finally {
                transport.close();
            }
        }
    }

    /** Closes every group, also behind one that does not stop in time. */
    private static void close(Iterator<Membership> groups) {
        if (groups.hasNext()) {
            try {
                groups.next().close();
            } finally {
                close(groups);
            }
        }
    }
}
