package io.longstrand.comm;

import java.util.Optional;

/**
 * What one side of a message states about it.
 *
 * @param rank which rank
 * @param work the operation it performs
 * @param bytes length of the message
 */
public record Statement(int rank, Operation.Work work, long bytes) {
    /** How the receiver's statement differs from this sender's, if it does. */
    public Optional<String> differenceTo(Statement receiver) {
        if (work.equals(receiver.work) && bytes == receiver.bytes) {
            return Optional.empty();
        }
        return Optional.of("rank " + rank + " sends " + bytes + " bytes in " + work + " where rank " + receiver.rank
                + " expects " + receiver.bytes + " bytes in " + receiver.work
                + "; the ranks of a group must begin the same operations in the same order");
    }
}
