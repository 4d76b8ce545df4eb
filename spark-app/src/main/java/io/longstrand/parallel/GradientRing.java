package io.longstrand.parallel;

import io.longstrand.comm.Communicator;
import io.longstrand.comm.Pending;
import io.longstrand.mesh.Positions.Run;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gradients of keys and values of some heads on their way round the ring, in FLOAT32: each rank that reads a shard adds
 * its part to what the readers before it sent, one hop behind the shard itself, and the last one sends the sum home. There
 * it arrives while the next heads are at work, and is waited for when they are done.
 */
final class GradientRing {
    private static final int ROWS_AT_A_TIME = 1024;

    /** A sum on its way to the rank whose keys it is of. */
    private record Returning(List<Pending> pending, List<Run> rows, OwnGradients.Pair own) {}

    private final Backend backend;
    private final Communicator ring;
    private final RingRoute route;
    private final long width;
    private final Tensor part; // device, (tokens, 2 · width): this rank's part, keys beside values
    private final boolean staged;
    private final Tensor few; // device, (some rows, 2 · width); empty where nothing is staged
    private final Tensor arriving; // where the ring has its tensors, (tokens, 2 · width)
    private final Tensor leaving;
    private final Tensor home;
    private OwnGradients.Pair next;
    private final List<Pending> arrival = new ArrayList<>();
    private final List<Pending> departure = new ArrayList<>();
    private Optional<Returning> returning = Optional.empty();

    /**
     * Takes the buffers.
     *
     * @param device one shard and some rows, FLOAT32; four shards if the ring has its tensors there
     * @param host three shards, FLOAT32, if the ring has its tensors there
     * @param tokens rows of a shard
     * @param width columns of the keys of the heads at a time, and of the values
     */
    GradientRing(
            Backend backend, Communicator ring, RingRoute route, Arena device, Arena host, long tokens, long width) {
        this.backend = backend;
        this.ring = ring;
        this.route = route;
        this.width = width;
        part = device.allocate(KeyRing.OWNER, DataType.FLOAT32, tokens, 2 * width);
        staged = ring.place() == Place.HOST;
        Arena buffers = staged ? host : device;
        few = device.allocate(
                KeyRing.OWNER, DataType.FLOAT32, staged ? Math.min(ROWS_AT_A_TIME, tokens) : 0, 2 * width);
        arriving = buffers.allocate(KeyRing.OWNER, DataType.FLOAT32, tokens, 2 * width);
        leaving = buffers.allocate(KeyRing.OWNER, DataType.FLOAT32, tokens, 2 * width);
        home = buffers.allocate(KeyRing.OWNER, DataType.FLOAT32, tokens, 2 * width);
    }

    /** Where this rank writes its part for the keys at hand: (tokens, width). */
    Tensor keyPart() {
        return part.columns(0, width);
    }

    /** The same for values. */
    Tensor valuePart() {
        return part.columns(width, 2 * width);
    }

    /** Begins to take what ranks before this one added for the shard at hand; before {@link KeyRing#pass}. */
    void expect(int hop) {
        int owner = route.owner(hop);
        if (hop > route.firstReader(owner) && hop <= route.lastReader(owner)) {
            int previous = Math.floorMod(ring.rank() - 1, ring.size());
            arrival.addAll(receive(previous, arriving, route.summed(owner)));
        }
    }

    /** Adds this rank's part, if it reads the shard at hand, and begins to give the sum on. */
    void add(int hop) {
        int owner = route.owner(hop);
        if (hop < route.firstReader(owner) || hop > route.lastReader(owner)) {
            return;
        }
        boolean more = !arrival.isEmpty();
        await(arrival);
        await(departure);
        int to = hop < route.lastReader(owner) ? (ring.rank() + 1) % ring.size() : owner;
        for (Run rows : route.summed(owner)) {
            Tensor sum = rows(part, rows);
            if (!route.reads(hop)) {
                backend.kernels().fill(sum, 0);
            }
            if (more) {
                eachFew(rows(arriving, rows), (from, some) -> add(some, sum.rows(from, from + some.rows())));
            }
            backend.kernels().copy(sum, rows(leaving, rows));
            backend.synchronize();
            departure.add(ring.startSend(to, rows(leaving, rows)));
        }
    }

    /**
     * Says where the sum that comes home for these heads belongs; behind hop 0.
     *
     * @param own FLOAT32: what this rank added to the gradients of its own keys, to which the sum will be added
     */
    void home(OwnGradients.Pair own) {
        next = own;
        // Whoever is not the rank before this one sends nothing else here, and may wait to be rid of it.
        if (route.lastReader(ring.rank()) < ring.size() - 1) {
            changeReturning();
        }
    }

    /** All shards have been at hand: what was to come home for the heads before is there. */
    void endTurn() {
        // The rank before this one sends the sum behind all else.
        if (route.lastReader(ring.rank()) == ring.size() - 1) {
            changeReturning();
        }
    }

    /** Adds the sum that came home for the heads before, if one did, and begins to take that of these heads. */
    private void changeReturning() {
        arriveHome();
        int last = route.lastReader(ring.rank());
        if (last > 0) {
            List<Run> summed = route.summed(ring.rank());
            List<Pending> pending = receive((ring.rank() + last) % ring.size(), home, summed);
            returning = Optional.of(new Returning(pending, summed, next));
        }
    }

    private void arriveHome() {
        returning.ifPresent(sum -> {
            sum.pending().forEach(Pending::await);
            for (Run rows : sum.rows()) {
                eachFew(rows(home, rows), (from, some) -> {
                    long first = rows.from() + from;
                    add(some.columns(0, width), sum.own().key().rows(first, first + some.rows()));
                    add(some.columns(width, 2 * width), sum.own().value().rows(first, first + some.rows()));
                });
            }
            backend.synchronize();
        });
        returning = Optional.empty();
    }

    /** Waits until nothing is on its way. */
    void finish() {
        arriveHome();
        await(departure);
    }

    private List<Pending> receive(int from, Tensor to, List<Run> runs) {
        List<Pending> pending = new ArrayList<>();
        for (Run run : runs) {
            pending.add(ring.startReceive(from, rows(to, run)));
        }
        return pending;
    }

    private static void await(List<Pending> pending) {
        pending.forEach(Pending::await);
        pending.clear();
    }

    /** What is done with some rows on the device. */
    @FunctionalInterface
    private interface Work {
        /** @param from number of the first of them */
        void run(long from, Tensor some);
    }

    /** Brings rows of the host to the device, a few at a time; those that are there are taken as they are. */
    private void eachFew(Tensor rows, Work work) {
        if (!staged) {
            work.run(0, rows);
            return;
        }
        for (long from = 0; from < rows.rows(); from += ROWS_AT_A_TIME) {
            long to = Math.min(rows.rows(), from + ROWS_AT_A_TIME);
            Tensor some = few.rows(0, to - from);
            backend.kernels().copy(rows.rows(from, to), some);
            work.run(from, some);
        }
    }

    private void add(Tensor more, Tensor sum) {
        backend.kernels().add(more, sum, sum);
    }

    private static Tensor rows(Tensor all, Run rows) {
        return all.rows(rows.from(), rows.to());
    }
}
