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

/**
 * Keys and values on their way round the ring, some heads after others: one shard is at hand on the device while the next
 * one comes and this one goes on, through two buffers where the ring has its tensors. On the device the shard at hand is
 * attended to where it came, and a third buffer lets the next heads set out. While the last shard of some heads is at hand nothing
 * else is on its way, so the next heads set out then: a rank may be a whole turn of heads ahead of the others before it
 * waits for them.
 */
final class KeyRing {
    static final String OWNER = "ring";

    private final Backend backend;
    private final Communicator ring;
    private final RingRoute route;
    private final Tensor ownKeys;
    private final Tensor ownValues;
    private final long width;
    private final boolean staged;
    private Tensor block; // device, (tokens, 2 · width): keys beside values
    private final List<Pending> moving = new ArrayList<>();
    private Tensor giving; // (tokens, 2 · width)
    private Tensor taking;
    private Tensor key;
    private Tensor value;
    private int number;
    private int hop;

    /**
     * Takes the buffers.
     *
     * @param device one shard if the ring has its tensors on the host, else three
     * @param host two shards if the ring has its tensors there
     * @param ownKeys of all heads of this rank, (tokens, columns)
     * @param ownValues (tokens, columns)
     * @param width columns of the keys of the heads at a time, and of the values
     */
    KeyRing(
            Backend backend,
            Communicator ring,
            RingRoute route,
            Arena device,
            Arena host,
            Tensor ownKeys,
            Tensor ownValues,
            long width) {
        this.backend = backend;
        this.ring = ring;
        this.route = route;
        this.ownKeys = ownKeys;
        this.ownValues = ownValues;
        this.width = width;
        DataType type = ownKeys.type();
        long tokens = ownKeys.rows();
        staged = ring.place() == Place.HOST;
        Arena buffers = staged ? host : device;
        block = device.allocate(OWNER, type, tokens, 2 * width);
        giving = buffers.allocate(OWNER, type, tokens, 2 * width);
        taking = buffers.allocate(OWNER, type, tokens, 2 * width);
    }

    /** Turns to some heads, this rank's own shard first. @param turn their number; one more each time */
    void start(int turn) {
        number = turn;
        hop = 0;
        key = part(ownKeys, turn);
        value = part(ownValues, turn);
        if (turn == 0) {
            setOut(turn);
        }
    }

    /** Begins to give the shard at hand on and to take the next one; behind the last one, those of the next heads. */
    void pass() {
        if (hop + 1 == ring.size()) {
            if ((number + 1) * width < ownKeys.columns()) {
                setOut(number + 1);
            }
        } else if (hop > 0) {
            move(hop);
        }
    }

    private void setOut(int turn) {
        if (!staged) {
            Tensor atHand = giving;
            giving = block;
            block = atHand;
        }
        for (Run rows : route.given(0)) {
            Tensor given = giving.rows(rows.from(), rows.to());
            Tensor ofKeys = part(ownKeys, turn).rows(rows.from(), rows.to());
            Tensor ofValues = part(ownValues, turn).rows(rows.from(), rows.to());
            backend.kernels().copy(ofKeys, given.columns(0, width));
            backend.kernels().copy(ofValues, given.columns(width, 2 * width));
        }
        move(0);
    }

    private void move(int from) {
        backend.synchronize();
        for (Run given : route.given(from)) {
            moving.add(ring.startSend((ring.rank() + 1) % ring.size(), giving.rows(given.from(), given.to())));
        }
        for (Run taken : route.taken(from + 1)) {
            int previous = Math.floorMod(ring.rank() - 1, ring.size());
            moving.add(ring.startReceive(previous, taking.rows(taken.from(), taken.to())));
        }
    }

    /** Waits for the next shard, if there is one, which is then at hand. */
    void turn() {
        if (hop + 1 == ring.size()) {
            return;
        }
        moving.forEach(Pending::await);
        moving.clear();
        hop++;
        Tensor given = giving;
        giving = taking;
        taking = given;
        if (route.reads(hop)) {
            for (Run rows : staged ? route.taken(hop) : List.<Run>of()) {
                backend.kernels().copy(giving.rows(rows.from(), rows.to()), block.rows(rows.from(), rows.to()));
            }
            Tensor atHand = staged ? block : giving;
            key = atHand.columns(0, width);
            value = atHand.columns(width, 2 * width);
        }
    }

    private Tensor part(Tensor all, int turn) {
        return all.columns(turn * width, (turn + 1) * width);
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
