package io.longstrand.comm;

import io.longstrand.comm.Exchange.Transfer;
import io.longstrand.mesh.Slices;
import io.longstrand.tensor.DataType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Every rank passes on to the next what it got from the one before, its own slice first: each link carries every slice
 * once, also where several ranks share one. Slices travel piece by piece, each as a message of its own, so that a piece
 * goes on while the next one arrives. All receives are asked for at once, because their places are known.
 *
 * <p>Within an all-reduce this also begins before the sums are complete: what arrives in the place of another rank's
 * slice is a sum that holds this rank's part of it, so that part has been sent.
 */
final class RingAllGather {
    /** Large enough that asking for pieces costs little, small enough that the ranks of a ring work at once. */
    private static final long PIECE = 4 << 20;

    private final Exchange exchange;
    private final int firstIndex;
    private final DataType type;
    private final Slices slices;
    private final Region output;
    private final long piecesOfStep;
    private final Queue<Transfer> receives = new ArrayDeque<>();
    private final List<Transfer> sends = new ArrayList<>();
    private long sent;

    /**
     * Asks for all other slices.
     *
     * @param firstIndex of the messages
     * @param output (elements); this rank's slice is or will be in its place
     */
    RingAllGather(Exchange exchange, int firstIndex, DataType type, Slices slices, Region output) {
        this.exchange = exchange;
        this.firstIndex = firstIndex;
        this.type = type;
        this.slices = slices;
        this.output = output;
        piecesOfStep = pieces(slices.longest() * type.bytes());
        for (int step = 1; step < exchange.size(); step++) {
            Region slice = slice(exchange.neighbour(-step));
            for (long piece = 0; piece < pieces(slice.bytes()); piece++) {
                receives.add(exchange.receive(exchange.neighbour(-1), index(step, piece), part(slice, piece)));
            }
        }
    }

    /** The first bytes of this rank's slice are there: sends what pieces they complete. */
    void have(long bytes) {
        Region own = slice(exchange.rank());
        while (exchange.size() > 1
                && sent < pieces(own.bytes())
                && Math.min((sent + 1) * PIECE, own.bytes()) <= bytes) {
            sends.add(exchange.send(exchange.neighbour(1), index(1, sent), part(own, sent)));
            sent++;
        }
    }

    /** Passes on what arrives until all of it is there. This rank's slice must be. */
    void run() {
        for (int step = 1; step < exchange.size(); step++) {
            Region slice = slice(exchange.neighbour(-step));
            for (long piece = 0; piece < pieces(slice.bytes()); piece++) {
                exchange.await(receives.remove());
                if (step + 1 < exchange.size()) {
                    sends.add(exchange.send(exchange.neighbour(1), index(step + 1, piece), part(slice, piece)));
                }
            }
        }
        exchange.await(sends);
    }

    private Region slice(int rank) {
        return DirectReduceScatter.part(output, type, slices, rank);
    }

    private static Region part(Region slice, long piece) {
        return slice.part(piece * PIECE, Math.min(PIECE, slice.bytes() - piece * PIECE));
    }

    private static long pieces(long bytes) {
        return (bytes + PIECE - 1) / PIECE;
    }

    private int index(int step, long piece) {
        return Math.toIntExact(firstIndex + (step - 1) * piecesOfStep + piece);
    }
}
