package io.longstrand.train;

import io.longstrand.comm.RankSums;
import io.longstrand.mesh.Coordinates;
import io.longstrand.model.LossSum;

/**
 * The one small exchange of a step. The driver's answer travels in it, so that all ranks stop behind the same step, and
 * everyone judges the loss by the same bits.
 */
final class StepExchange {
    private final RankSums sums;
    private final Coordinates at;
    private final int rank;
    private final Driver driver;

    /** @param at where this rank stands on the mesh */
    StepExchange(RankSums sums, Coordinates at, int rank, Driver driver) {
        this.sums = sums;
        this.at = at;
        this.rank = rank;
        this.driver = driver;
    }

    /**
     * Tells the driver, then adds up.
     *
     * @param step computed
     * @param loss of this rank's tokens
     * @param bases of this rank's windows
     * @param pairs of this rank's queries
     * @param gradientSquares of this rank's slices
     */
    StepTotals run(long step, LossSum loss, long bases, long pairs, double gradientSquares) {
        StopAnswer answer = driver.heartbeat(step);
        double tokens = at.countsTokens() ? 1 : 0;
        double windows = at.countsWindows() ? 1 : 0;
        double[] totals = sums.of(
                tokens * loss.negativeLogLikelihood(),
                tokens * loss.validLabels(),
                windows * bases,
                tokens * pairs,
                gradientSquares,
                rank == 0 ? answer.ordinal() : 0);
        return new StepTotals(
                new LossSum(totals[0], (long) totals[1]),
                (long) totals[2],
                (long) totals[3],
                totals[4],
                StopAnswer.values()[(int) totals[5]]);
    }
}
