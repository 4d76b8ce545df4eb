package io.longstrand.comm;

import io.longstrand.comm.Exchange.Transfer;
import io.longstrand.mesh.Slices;
import io.longstrand.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.LongConsumer;

/**
 * Every rank sends every other that one's slice, and each adds up its own piece by piece in the order of ranks. A ring
 * would send the same number of bytes, but add in an order that depends on the slice, and would either round BFLOAT16 on
 * every hop or send it at double width. A rank asks for as many pieces ahead as its staging memory holds. Belongs to
 * the thread of one group.
 */
final class DirectReduceScatter {
    private static final int PIECES_AHEAD = 4;
    private static final int LARGEST_PIECE = 1 << 20;
    private static final int SMALLEST_PIECE = 1 << 16;
    private static final int MOST_STAGING = 32 << 20;

    private final RankOrderSum sum = new RankOrderSum();
    private ByteBuffer staging = ByteBuffer.allocateDirect(0);

    /**
     * Sums this rank's slice.
     *
     * @param index of the one message between each two ranks
     * @param input (elements)
     * @param slice this rank's part of them
     * @param progress told how many bytes of the slice are there
     */
    void run(
            Exchange exchange,
            int index,
            DataType type,
            Slices slices,
            Region input,
            Region slice,
            LongConsumer progress) {
        List<Transfer> sends = new ArrayList<>();
        for (int step = 1; step < exchange.size(); step++) {
            int to = exchange.neighbour(step);
            sends.add(exchange.send(to, index, part(input, type, slices, to)));
        }
        Region own = part(input, type, slices, exchange.rank());
        int others = exchange.size() - 1;
        int piece = pieceBytes(others, slice.bytes());
        reserve(others * PIECES_AHEAD * piece);
        Queue<List<Transfer>> arriving = new ArrayDeque<>();
        long asked = 0;
        for (long from = 0; from < slice.bytes(); from += piece) {
            while (asked < Math.min(slice.bytes(), from + (long) PIECES_AHEAD * piece)) {
                arriving.add(ask(exchange, index, slice.bytes(), asked, piece));
                asked += piece;
            }
            exchange.await(arriving.remove());
            int length = (int) Math.min(piece, slice.bytes() - from);
            sum.add(type, terms(exchange, own.window(from, length), from, piece), slice.window(from, length));
            progress.accept(from + length);
        }
        exchange.await(sends);
    }

    /** A rank's slice of a vector. */
    static Region part(Region vector, DataType type, Slices slices, int rank) {
        return vector.part(slices.from(rank) * type.bytes(), slices.length(rank) * type.bytes());
    }

    private List<Transfer> ask(Exchange exchange, int index, long bytes, long from, int piece) {
        int length = (int) Math.min(piece, bytes - from);
        List<Transfer> transfers = new ArrayList<>();
        for (int step = 1; step < exchange.size(); step++) {
            int rank = exchange.neighbour(-step);
            Region target = new Region(this::window, slot(exchange, rank, from, piece), length);
            transfers.add(exchange.receivePart(rank, index, bytes, from, target));
        }
        return transfers;
    }

    /** Every rank's piece in the order of ranks. */
    private List<ByteBuffer> terms(Exchange exchange, ByteBuffer own, long from, int piece) {
        List<ByteBuffer> terms = new ArrayList<>();
        for (int rank = 0; rank < exchange.size(); rank++) {
            terms.add(rank == exchange.rank() ? own : window(slot(exchange, rank, from, piece), own.remaining()));
        }
        return terms;
    }

    /** Where in the staging memory a rank's piece goes. */
    private static int slot(Exchange exchange, int rank, long from, int piece) {
        int round = (int) (from / piece % PIECES_AHEAD);
        int other = rank < exchange.rank() ? rank : rank - 1;
        return (round * (exchange.size() - 1) + other) * piece;
    }

    private static int pieceBytes(int others, long bytes) {
        int piece = Math.min(LARGEST_PIECE, MOST_STAGING / Math.max(others * PIECES_AHEAD, 1));
        long needed = (bytes + SMALLEST_PIECE - 1) / SMALLEST_PIECE * SMALLEST_PIECE;
        return (int) Math.max(SMALLEST_PIECE, Math.min(piece / SMALLEST_PIECE * SMALLEST_PIECE, needed));
    }

    private void reserve(int bytes) {
        if (staging.capacity() < bytes) {
            staging = ByteBuffer.allocateDirect(bytes);
        }
    }

    private ByteBuffer window(long offset, int length) {
        return staging.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
