package io.longstrand.comm;

import io.longstrand.comm.Exchange.Transfer;
import java.util.ArrayList;
import java.util.List;

/** Every rank sends every other its part, starting with the next one so that not all begin with the same. */
final class DirectAllToAll {
    private final Exchange exchange;

    DirectAllToAll(Exchange exchange) {
        this.exchange = exchange;
    }

    /** Trades parts, one for each rank. */
    void run(List<Region> outgoing, List<Region> incoming) {
        List<Transfer> transfers = new ArrayList<>();
        for (int step = 1; step < exchange.size(); step++) {
            int from = exchange.neighbour(-step);
            transfers.add(exchange.receive(from, 0, incoming.get(from)));
        }
        for (int step = 1; step < exchange.size(); step++) {
            int to = exchange.neighbour(step);
            transfers.add(exchange.send(to, 0, outgoing.get(to)));
        }
        outgoing.get(exchange.rank()).copyTo(incoming.get(exchange.rank()));
        exchange.await(transfers);
    }
}
