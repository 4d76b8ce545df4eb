package io.longstrand.comm;

import io.longstrand.mesh.Axis;
import io.longstrand.mesh.Mesh;
import io.longstrand.tensor.Place;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One rank's membership in a run: the groups it communicates in and what that comes to. All ranks talk over host memory;
 * where they compute on devices that reach each other, the groups of a mesh talk over those. Closing it leaves no thread
 * and no port behind; operations still in progress fail, here and on ranks that need this one for them. Close it before
 * the memory of its tensors.
 */
public final class World implements AutoCloseable {
    private final Transport transport;
    private final TrafficMeter meter = new TrafficMeter();
    private final Place place;
    private final Function<Group, Membership> openOnHost;
    private final Function<Group, Membership> open;
    private final Map<Group, Membership> onHost = new HashMap<>();
    private final Map<Group, Membership> groups;
    private boolean closed;

    /**
     * Joins ranks that talk over host memory.
     *
     * @param transport carries the messages; closed with the world
     * @param operationTimeout longest time one operation may take before the run fails
     */
    public World(Transport transport, Duration operationTimeout) {
        this.transport = transport;
        place = Place.HOST;
        openOnHost = onHost(operationTimeout, meter);
        open = openOnHost;
        groups = onHost;
    }

    /**
     * Joins ranks whose groups talk over the memory of their devices.
     *
     * @param transport carries all else; closed with the world
     * @param devices opens the groups
     */
    public World(Transport transport, Duration operationTimeout, DeviceGroups devices) {
        this.transport = transport;
        place = Place.DEVICE;
        openOnHost = onHost(operationTimeout, meter);
        // What sets a group up is no part of what is counted.
        Function<Group, Membership> openControl = onHost(operationTimeout, new TrafficMeter());
        open = group ->
                devices.open(group, onHost.computeIfAbsent(group, openControl), transport, operationTimeout, meter);
        // Closed in the order in which they were opened: the ranks of a group leave it together, as they came.
        groups = new LinkedHashMap<>();
    }

    private World(RehearsalTransport nowhere, Place place) {
        this.transport = nowhere;
        this.place = place;
        openOnHost = group -> new RehearsalCommunicator(nowhere.rank(), group, Place.HOST, meter);
        open = group -> new RehearsalCommunicator(nowhere.rank(), group, place, meter);
        groups = new HashMap<>();
    }

    private Function<Group, Membership> onHost(Duration operationTimeout, TrafficMeter counter) {
        return group -> new GroupCommunicator(transport, group, operationTimeout, counter);
    }

    /** A rehearsal of ranks that talk over host memory. */
    public static World rehearsal(int rank, int ranks) {
        return rehearsal(rank, ranks, Place.HOST);
    }

    /**
     * A membership for plans: its operations move nothing, are done at once, and count the bytes they would send.
     *
     * @param rank the rank whose part is rehearsed
     * @param ranks how many there will be
     * @param place where the groups of a mesh will have their tensors
     */
    public static World rehearsal(int rank, int ranks, Place place) {
        return new World(new RehearsalTransport(Objects.checkIndex(rank, ranks), ranks), place);
    }

    /** This rank. */
    public int rank() {
        return transport.rank();
    }

    /** Number of ranks. */
    public int size() {
        return transport.world();
    }

    /** Where the groups of a mesh have their tensors. */
    public Place place() {
        return place;
    }

    /** All ranks, over host memory: for what they agree on. */
    public synchronized Communicator all() {
        requireOpen();
        return onHost.computeIfAbsent(
                Group.of("world", IntStream.range(0, size()).boxed().toList()), openOnHost);
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
     * A group by its name and members, over {@link #place()}; the same name and members give the same communicator again,
     * on every rank.
     *
     * @param ranks numbers in the world, this rank among them, in the order they shall have in the group
     */
    public synchronized Communicator group(String name, List<Integer> ranks) {
        requireOpen();
        return groups.computeIfAbsent(Group.of(name, ranks), open);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("rank " + rank() + " has left");
        }
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
                // Those over devices first: they lean on the others.
                close(Stream.concat(groups.values().stream(), onHost.values().stream())
                        .distinct()
                        .iterator());
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
