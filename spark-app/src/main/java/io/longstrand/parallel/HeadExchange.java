package io.longstrand.parallel;

import io.longstrand.comm.Communicator;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The all-to-all that turns some tokens of all heads into all tokens of some heads (Jacobs et al. 2023, Ulysses), and
 * back. The ranks of the group hold adjacent, equally long parts of each sequence, in their order.
 */
final class HeadExchange {
    private static final String OWNER = "head exchange";

    /** What to do with what a rank sent; both are gone afterwards. */
    @FunctionalInterface
    interface Arrival {
        /** @param part where the ranks have their tensors, contiguous */
        void from(int rank, Tensor part);
    }

    private final Backend backend;
    private final Communicator ranks;
    private final Arena buffers;

    /** @param device and @param host one of which holds what is sent and received, for the time of an exchange */
    HeadExchange(Backend backend, Communicator ranks, Arena device, Arena host) {
        this.backend = backend;
        this.ranks = ranks;
        buffers = ranks.place() == Place.DEVICE ? device : host;
    }

    /** Number of ranks. */
    int size() {
        return ranks.size();
    }

    /**
     * Gives every rank its heads of this rank's tokens and takes this rank's heads of all tokens.
     *
     * @param sequences of the batch
     * @param mine tokens of this rank
     * @param parts for each rank the columns it is given, (tokens of this rank, some) each, together as wide as {@code all}
     * @param all (tokens of all ranks, columns), written; may be the memory of the parts
     */
    void toHeads(int sequences, long mine, IntFunction<List<Tensor>> parts, Tensor all) {
        long length = mine / sequences; // of a sequence, on one rank
        exchange(
                all.type(),
                mine,
                all.columns(),
                (rank, part) -> {
                    long column = 0;
                    for (Tensor columns : parts.apply(rank)) {
                        backend.kernels().copy(columns, part.columns(column, column + columns.columns()));
                        column += columns.columns();
                    }
                },
                (rank, part) -> {
                    for (int sequence = 0; sequence < sequences; sequence++) {
                        backend.kernels().copy(rows(part, sequence, length), tokens(all, sequence, rank, length));
                    }
                });
    }

    /**
     * Gives every rank its tokens of this rank's heads and takes this rank's tokens of all heads.
     *
     * @param mine tokens of this rank
     * @param all (tokens of all ranks, columns)
     * @param arrival is given every rank's columns of this rank's tokens, (tokens of this rank, columns), in the order of
     *     ranks; may write to the memory of {@code all}
     */
    void toTokens(int sequences, long mine, Tensor all, Arrival arrival) {
        long length = mine / sequences;
        exchange(
                all.type(),
                mine,
                all.columns(),
                (rank, part) -> {
                    for (int sequence = 0; sequence < sequences; sequence++) {
                        backend.kernels().copy(tokens(all, sequence, rank, length), rows(part, sequence, length));
                    }
                },
                arrival);
    }

    /**
     * The same as {@link #toHeads} for something with a row a head.
     *
     * @param mine FLOAT32 (heads, tokens of this rank)
     * @param all FLOAT32 (heads of this rank, tokens of all ranks), written
     */
    void statisticsToHeads(int sequences, Tensor mine, Tensor all) {
        long length = mine.columns() / sequences;
        exchange(
                all.type(),
                all.rows(),
                mine.columns(),
                (rank, part) -> backend.kernels().copy(mine.rows(rank * all.rows(), (rank + 1) * all.rows()), part),
                (rank, part) -> {
                    for (int sequence = 0; sequence < sequences; sequence++) {
                        long from = (sequence * (long) size() + rank) * length;
                        backend.kernels()
                                .copy(
                                        part.columns(sequence * length, (sequence + 1) * length),
                                        all.columns(from, from + length));
                    }
                });
    }

    private void exchange(DataType type, long rows, long columns, Arrival fill, Arrival arrival) {
        Arena.Mark mark = buffers.mark();
        List<Tensor> outgoing = new ArrayList<>();
        List<Tensor> incoming = new ArrayList<>();
        for (int rank = 0; rank < size(); rank++) {
            outgoing.add(buffers.allocate(OWNER, type, rows, columns));
            incoming.add(buffers.allocate(OWNER, type, rows, columns));
            fill.from(rank, outgoing.get(rank));
        }
        backend.synchronize();
        ranks.allToAll(outgoing, incoming);
        for (int rank = 0; rank < size(); rank++) {
            arrival.from(rank, incoming.get(rank));
        }
        backend.synchronize();
        buffers.release(mark);
    }

    private static Tensor rows(Tensor part, int sequence, long length) {
        return part.rows(sequence * length, (sequence + 1) * length);
    }

    /** A rank's tokens of a sequence among those of all ranks. */
    private Tensor tokens(Tensor all, int sequence, int rank, long length) {
        long from = (sequence * (long) size() + rank) * length;
        return all.rows(from, from + length);
    }
}
