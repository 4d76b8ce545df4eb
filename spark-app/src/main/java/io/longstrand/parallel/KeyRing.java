package io.longstrand.parallel;

import io.longstrand.comm.Communicator;
import io.longstrand.comm.Pending;
import io.longstrand.mesh.Positions.Run;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of some heads on their way round the ring: one shard is at hand on the device while the next one comes
 * and this one goes on, through two buffers on the host.
 */
final class KeyRing {
    static final String OWNER = "ring";

    private final Backend backend;
    private final Communicator ring;
    private final RingRoute route;
    private final long width;
    private final Tensor block; // (tokens, 2 · width): keys beside values
    private final List<Pending> moving = new ArrayList<>();
    private Tensor giving; // (tokens, 2 · width)
    private Tensor taking;
    private Tensor key;
    private Tensor value;
    private int hop;

    /**
     * Takes the buffers.
     *
     * @param device one shard
     * @param host two shards
     * @param tokens rows of a shard
     * @param width columns of the keys of the heads at a time, and of the values
     */
    KeyRing(
            Backend backend,
            Communicator ring,
            RingRoute route,
            Arena device,
            Arena host,
            DataType type,
            long tokens,
            long width) {
        this.backend = backend;
        this.ring = ring;
        this.route = route;
        this.width = width;
        block = device.allocate(OWNER, type, tokens, 2 * width);
        giving = host.allocate(OWNER, type, tokens, 2 * width);
        taking = host.allocate(OWNER, type, tokens, 2 * width);
    }

    /** Begins with this rank's own. @param ownKey (tokens, width) @param ownValue (tokens, width) */
    void start(Tensor ownKey, Tensor ownValue) {
        key = ownKey;
        value = ownValue;
        hop = 0;
        for (Run rows : route.given(0)) {
            Tensor given = giving.rows(rows.from(), rows.to());
            backend.kernels().copy(ownKey.rows(rows.from(), rows.to()), given.columns(0, width));
            backend.kernels().copy(ownValue.rows(rows.from(), rows.to()), given.columns(width, 2 * width));
        }
    }

    /** Begins to give the shard at hand on and to take the next one. */
    void pass() {
        backend.synchronize();
        for (Run given : route.given(hop)) {
            moving.add(ring.startSend((ring.rank() + 1) % ring.size(), giving.rows(given.from(), given.to())));
        }
        if (hop + 1 < ring.size()) {
            for (Run taken : route.taken(hop + 1)) {
                int previous = Math.floorMod(ring.rank() - 1, ring.size());
                moving.add(ring.startReceive(previous, taking.rows(taken.from(), taken.to())));
            }
        }
    }

    /** Waits for the next shard, which is then at hand. */
    void turn() {
        moving.forEach(Pending::await);
        moving.clear();
        hop++;
        Tensor given = giving;
        giving = taking;
        taking = given;
        if (hop < ring.size() && route.reads(hop)) {
            for (Run rows : route.taken(hop)) {
                backend.kernels().copy(giving.rows(rows.from(), rows.to()), block.rows(rows.from(), rows.to()));
            }
            key = block.columns(0, width);
            value = block.columns(width, 2 * width);
        }
    }

    /** Keys of the shard at hand, (tokens, width); only rows that are read are there. */
    Tensor key() {
        return key;
    }

    /** Values of the shard at hand, (tokens, width). */
    Tensor value() {
        return value;
    }
}
