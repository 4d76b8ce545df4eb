package io.longstrand.comm;

import io.longstrand.comm.Exchange.Transfer;
import java.util.ArrayList;
import java.util.List;

/** Pieces travel from the root round the ring; each rank passes a piece on while the next one arrives. */
final class ChainBroadcast {
    private static final long PIECE = 4 << 20;

    private final Exchange exchange;

    ChainBroadcast(Exchange exchange) {
        this.exchange = exchange;
    }

    /** Fills every rank's tensor with the root's. */
    void run(int root, Region tensor) {
        boolean first = exchange.rank() == root;
        boolean last = exchange.neighbour(1) == root;
        List<Region> pieces = new ArrayList<>();
        for (long from = 0; from < tensor.bytes(); from += PIECE) {
            pieces.add(tensor.part(from, Math.min(PIECE, tensor.bytes() - from)));
        }
        List<Transfer> receives = new ArrayList<>();
        for (int index = 0; index < pieces.size() && !first; index++) {
            receives.add(exchange.receive(exchange.neighbour(-1), index, pieces.get(index)));
        }
        List<Transfer> sends = new ArrayList<>();
        for (int index = 0; index < pieces.size(); index++) {
            if (!first) {
                exchange.await(receives.get(index));
            }
            if (!last) {
                sends.add(exchange.send(exchange.neighbour(1), index, pieces.get(index)));
            }
        }
        exchange.await(sends);
    }
}
