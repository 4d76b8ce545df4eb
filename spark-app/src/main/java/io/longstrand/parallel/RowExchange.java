package io.longstrand.parallel;

import io.longstrand.comm.Communicator;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;

/**
 * Rows of the residual stream between the ranks of a tensor group: all ranks' rows together, or every rank's part of
 * their sums (Korthikanti et al. 2022, section 4.2.2). Each is the other's backward pass. Rows travel from where the group
 * has its tensors; those of one sequence on a device as they are.
 */
final class RowExchange {
    private static final String OWNER = "communication buffers";

    private final Backend backend;
    private final Communicator ranks;
    private final boolean onDevice;
    private final Tensor staging;

    /**
     * Takes the staging memory.
     *
     * @param sequences of a batch, at most
     * @param rows of all ranks together, at most
     */
    RowExchange(
            Backend backend,
            Arena device,
            Arena host,
            Communicator ranks,
            DataType type,
            int sequences,
            long rows,
            long hidden) {
        this.backend = backend;
        this.ranks = ranks;
        onDevice = ranks.place() == Place.DEVICE;
        staging = (onDevice ? device : host).allocate(OWNER, type, onDevice && sequences == 1 ? 0 : rows, hidden);
    }

    /** Collects all ranks' rows. @param own (rows, hidden) @param all (ranks · rows, hidden), written */
    void gather(Tensor own, Tensor all, int sequences) {
        if (onDevice && sequences == 1) {
            backend.synchronize();
            ranks.allGather(flat(own), flat(all));
            return;
        }
        Tensor together = staging.rows(0, all.rows());
        Tensor mine = ofRank(together, ranks.rank());
        backend.kernels().copy(own, mine);
        // What is copied is there, and nothing still reads what the other ranks' rows replace.
        backend.synchronize();
        ranks.allGather(flat(mine), flat(together));
        eachPart(together, all, sequences, (staged, part) -> backend.kernels().copy(staged, part));
    }

    /** Sums all ranks' rows and keeps this rank's. @param all (ranks · rows, hidden) @param own (rows, hidden), written */
    void reduce(Tensor all, Tensor own, int sequences) {
        if (onDevice && sequences == 1) {
            backend.synchronize();
            ranks.reduceScatter(flat(all), flat(own));
            return;
        }
        Tensor together = staging.rows(0, all.rows());
        Tensor mine = ofRank(together, ranks.rank());
        eachPart(together, all, sequences, (staged, part) -> backend.kernels().copy(part, staged));
        backend.synchronize();
        ranks.reduceScatter(flat(together), flat(mine));
        backend.kernels().copy(mine, own);
    }

    /** What is done with a rank's rows of one sequence. */
    @FunctionalInterface
    private interface Move {
        void run(Tensor staged, Tensor part);
    }

    /** Staged rows lie rank by rank, others sequence by sequence. */
    private void eachPart(Tensor together, Tensor all, int sequences, Move move) {
        if (sequences == 1) {
            move.run(together, all);
            return;
        }
        long rows = all.rows() / ranks.size() / sequences; // of a rank and a sequence
        for (int sequence = 0; sequence < sequences; sequence++) {
            for (int rank = 0; rank < ranks.size(); rank++) {
                long staged = ((long) rank * sequences + sequence) * rows;
                long part = ((long) sequence * ranks.size() + rank) * rows;
                move.run(together.rows(staged, staged + rows), all.rows(part, part + rows));
            }
        }
    }

    private Tensor ofRank(Tensor together, int rank) {
        long rows = together.rows() / ranks.size();
        return together.rows(rank * rows, (rank + 1) * rows);
    }

    private static Tensor flat(Tensor rows) {
        return rows.reshape(1, rows.elements());
    }
}
