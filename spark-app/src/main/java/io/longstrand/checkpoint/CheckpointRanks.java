package io.longstrand.checkpoint;

/**
 * The ranks that write or read a checkpoint together.
 *
 * @param rank this one
 * @param ranks how many there are
 * @param meeting where they meet
 */
public record CheckpointRanks(int rank, int ranks, Meeting meeting) {
    /** Where all ranks wait for each other. */
    @FunctionalInterface
    public interface Meeting {
        /** The sum of a number over all ranks, when all have come; no sum may exceed 2⁵³. */
        long sum(long own);
    }

    /** One rank. */
    public static CheckpointRanks alone() {
        return new CheckpointRanks(0, 1, own -> own);
    }

    /** Whether this rank begins and commits. */
    boolean first() {
        return rank == 0;
    }

    /** A file of this rank, numbered as other safetensors readers expect, e.g. {@code model-00001-of-00004.safetensors}. */
    String file(String kind) {
        return String.format("%s-%05d-of-%05d.safetensors", kind, rank + 1, ranks);
    }
}
