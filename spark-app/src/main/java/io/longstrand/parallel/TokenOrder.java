package io.longstrand.parallel;

/**
 * Which token of a batch each row of the ranks' streams belongs to. A batch has its tokens sequence after sequence; every
 * rank of a tensor group has an equal part of each sequence, in the order of ranks.
 *
 * @param sequences of the batch
 * @param ranks of the group
 * @param part tokens of one sequence that a rank has
 */
record TokenOrder(int sequences, int ranks, long part) {
    /** What is done with adjacent rows. */
    @FunctionalInterface
    interface Run {
        /** Does it. @param row first row of the tile @param token first token of the batch */
        void run(long row, long token, long count);
    }

    /** Rows of one rank's stream. */
    long streamRows() {
        return sequences * part;
    }

    /** Goes through a tile of every rank's rows {@code from} to {@code to}, one rank's after the other's. */
    void each(long from, long to, Run work) {
        for (int rank = 0; rank < ranks; rank++) {
            long at = from;
            while (at < to) {
                long sequence = at / part;
                long count = Math.min(to, (sequence + 1) * part) - at;
                long token = (sequence * ranks + rank) * part + at % part;
                work.run(rank * (to - from) + at - from, token, count);
                at += count;
            }
        }
    }
}
