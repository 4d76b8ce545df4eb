package io.longstrand.checkpoint;

import io.longstrand.model.MatrixShare;

/**
 * The elements that two parts of one logical tensor have in common, however each of them is cut.
 *
 * @param stored one part's share of the tensor
 * @param storedFrom first element of the part, counted in the share
 * @param storedTo one past its last
 * @param wanted the other part
 */
record CommonRuns(MatrixShare stored, long storedFrom, long storedTo, StateTensor wanted) {
    /** What is done with elements that are adjacent in both parts. */
    @FunctionalInterface
    interface Run {
        /** Does it. Elements are counted in the shares, the first of a part at its {@code from}. */
        void run(long stored, long wanted, long count);
    }

    /** Of what a checkpoint stores and what is wanted. */
    static CommonRuns of(CheckpointManifest.Range range, StateTensor wanted) {
        return new CommonRuns(range.share(), range.from(), range.to(), wanted);
    }

    /** Goes through them in the order of the wanted part. */
    void each(Run work) {
        wanted.share()
                .runs(
                        wanted.from(),
                        wanted.to(),
                        (held, logical, count) -> stored.heldRuns(logical, logical + count, (at, element, length) -> {
                            long from = Math.max(at, storedFrom);
                            long to = Math.min(at + length, storedTo);
                            if (from < to) {
                                work.run(from, held + element - logical + from - at, to - from);
                            }
                        }));
    }
}
