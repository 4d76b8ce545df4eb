package io.longstrand.comm;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.nio.LongBuffer;

/**
 * A few float64 numbers of every rank, and their sums in the order of ranks: every rank gets the same bits. They travel
 * as what they are, two words of 32 bits each, because tensors have no type of that width.
 */
public final class RankSums {
    /** Owner of the memory through which ranks see each other's numbers. */
    static final String OWNER = "rank sums";

    private static final int WORDS = Double.BYTES / Integer.BYTES;

    private final Communicator ranks;
    private final int most;
    private final Tensor all;

    /**
     * Takes {@code 8 · most} bytes a rank.
     *
     * @param most numbers of a rank at a time
     */
    public RankSums(Communicator ranks, Arena host, int most) {
        this.ranks = ranks;
        this.most = most;
        all = host.allocate(OWNER, DataType.INT32, 1, (long) ranks.size() * most * WORDS);
    }

    /**
     * Every rank's numbers. All ranks of the group call this, with as many numbers.
     *
     * @return [ranks][own.length]
     */
    public double[][] gather(double... own) {
        if (own.length > most) {
            throw new IllegalArgumentException(own.length + " numbers, there is room for " + most);
        }
        LongBuffer mine = numbersOf(ranks.rank());
        for (double number : own) {
            mine.put(Double.doubleToRawLongBits(number));
        }
        ranks.allGather(slot(ranks.rank()), all);
        double[][] gathered = new double[ranks.size()][own.length];
        for (int rank = 0; rank < ranks.size(); rank++) {
            LongBuffer theirs = numbersOf(rank);
            for (int i = 0; i < own.length; i++) {
                gathered[rank][i] = Double.longBitsToDouble(theirs.get(i));
            }
        }
        return gathered;
    }

    /** The sums over all ranks. All ranks of the group call this, with as many numbers. */
    public double[] of(double... own) {
        double[] sums = new double[own.length];
        for (double[] numbers : gather(own)) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += numbers[i];
            }
        }
        return sums;
    }

    private LongBuffer numbersOf(int rank) {
        return slot(rank).hostBytes().asLongBuffer();
    }

    private Tensor slot(int rank) {
        long words = (long) most * WORDS;
        return all.columns(rank * words, (rank + 1) * words);
    }
}
