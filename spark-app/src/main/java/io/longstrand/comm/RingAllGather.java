package io.longstrand.comm;

import io.longstrand.comm.Exchange.Transfer;
import io.longstrand.mesh.Slices;
import io.longstrand.tensor.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * Every rank passes on to the next what it got from the one before, its own slice first: each link carries every slice
 * once, also where several ranks share one. All receives are asked for at once, because their places are known.
 */
final class RingAllGather {
    private final int firstIndex;
    private final Exchange exchange;

    /** @param firstIndex of the messages, one for each step round the ring */
    RingAllGather(Exchange exchange, int firstIndex) {
        this.exchange = exchange;
        this.firstIndex = firstIndex;
    }

    /** Fills {@code output}, in which this rank's slice is already in its place. */
    void run(DataType type, Slices slices, Region output) {
        int next = exchange.neighbour(1);
        int before = exchange.neighbour(-1);
        List<Transfer> receives = new ArrayList<>();
        for (int step = 1; step < exchange.size(); step++) {
            Region slice = DirectReduceScatter.part(output, type, slices, exchange.neighbour(-step));
            receives.add(exchange.receive(before, firstIndex + step, slice));
        }
        List<Transfer> sends = new ArrayList<>();
        for (int step = 1; step < exchange.size(); step++) {
            Region slice = DirectReduceScatter.part(output, type, slices, exchange.neighbour(1 - step));
            sends.add(exchange.send(next, firstIndex + step, slice));
            exchange.await(receives.get(step - 1));
        }
        exchange.await(sends);
    }
}
