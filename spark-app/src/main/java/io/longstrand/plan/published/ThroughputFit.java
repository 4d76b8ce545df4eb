package io.longstrand.plan.published;

import java.util.List;

/**
 * Finds what share of the peak a system's products of linear layers reach: the one whose throughput deviates least from
 * the published, by the squares of the logarithms of their ratios.
 *
 * @param step says how long a step takes
 */
public record ThroughputFit(PeerStep step) {
    private static final int STEPS = 100;

    /** The share, in hundredths. @param rows published, of any system; those without throughput are not looked at */
    public double of(PeerSystem system, List<PublishedThroughput> rows) {
        double best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int hundredths = 1; hundredths <= STEPS; hundredths++) {
            double share = (double) hundredths / STEPS;
            double deviation = rows.stream()
                    .filter(row -> row.system() == system && row.teraflops().isPresent())
                    .mapToDouble(row -> Math.log(step.teraflops(system, row.tokens(), share)
                            / row.teraflops().getAsDouble()))
                    .map(ratio -> ratio * ratio)
                    .sum();
            if (deviation < least) {
                least = deviation;
                best = share;
            }
        }
        return best;
    }
}
