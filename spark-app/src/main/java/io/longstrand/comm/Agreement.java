package io.longstrand.comm;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Compares what this rank begins with what its neighbour in the group begins. Every rank tells the next one in the
 * ring of its group; when all neighbours agree, all ranks do.
 *
 * <p>Thread-safe.
 */
public final class Agreement {
    /** Nobody is so many operations ahead: the other side is no rank of this program. */
    private static final int MOST_WAITING = 1 << 16;

    private record Theirs(int rank, Operation.Work work) {}

    /**
     * What is wrong.
     *
     * @param operation the operation, as messages call it
     * @param reason what each side does
     */
    public record Disagreement(String operation, String reason) {}

    private final int rank;
    private final Map<Operation.Key, Operation> mine = new HashMap<>();
    private final Map<Operation.Key, Theirs> theirs = new HashMap<>();

    /** @param rank this rank */
    public Agreement(int rank) {
        this.rank = rank;
    }

    /** This rank begins an operation. @return what is wrong with the neighbour's, if it is known to differ */
    public synchronized Optional<Disagreement> begins(Operation operation) {
        Theirs other = theirs.remove(operation.key());
        if (other != null) {
            return difference(operation, other.rank(), other.work());
        }
        mine.put(operation.key(), operation);
        return Optional.empty();
    }

    /** The neighbour begins an operation. @return what is wrong with it, if it is known to differ */
    public synchronized Optional<Disagreement> begins(int neighbour, Operation.Key key, Operation.Work work) {
        Operation own = mine.remove(key);
        if (own != null) {
            return difference(own, neighbour, work);
        }
        if (theirs.size() >= MOST_WAITING) {
            return Optional.of(new Disagreement(
                    work.kind().title() + " " + key.number(),
                    "it announced " + theirs.size() + " operations that rank " + rank + " has not begun"));
        }
        theirs.put(key, new Theirs(neighbour, work));
        return Optional.empty();
    }

    private Optional<Disagreement> difference(Operation own, int other, Operation.Work work) {
        return own.work().equals(work)
                ? Optional.empty()
                : Optional.of(new Disagreement(
                        own.toString(),
                        "rank " + other + " performs " + work + " where rank " + rank + " performs " + own.work()
                                + "; the ranks of a group must begin the same operations in the same order"));
    }
}
