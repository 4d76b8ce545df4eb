package io.longstrand.plan.published;

import io.longstrand.plan.cluster.ClusterProfile;
import java.util.List;

/**
 * Finds the two constants of a system: those whose lengths for one model deviate least from the published ones, by the
 * squares of the logarithms of their ratios, of all steps of a grid. Lengths of other models are not looked at.
 *
 * @param cluster the runs were made on
 * @param fitted name of the model whose lengths count
 */
public record LengthFit(ClusterProfile cluster, String fitted) {
    private static final double LEAST_FACTOR = 0.5;
    private static final double MOST_FACTOR = 2.5;
    private static final double FACTOR_STEP = 0.05;
    private static final double RESERVED_STEP = 0.25e9;
    /** No system was reported to waste more. */
    private static final double MOST_RESERVED = 16e9;

    /** The constants of a system. @param lengths published, of any system and model */
    public PeerConstants of(PeerSystem system, List<PublishedLength> lengths) {
        List<PublishedLength> used = lengths.stream()
                .filter(length ->
                        length.system() == system && length.model().name().equals(fitted))
                .toList();
        PeerConstants best = null;
        double least = Double.POSITIVE_INFINITY;
        int factors = (int) Math.round((MOST_FACTOR - LEAST_FACTOR) / FACTOR_STEP);
        int reserves = (int) Math.round(MOST_RESERVED / RESERVED_STEP);
        for (int factor = 0; factor <= factors; factor++) {
            for (int reserve = 0; reserve <= reserves; reserve++) {
                PeerConstants tried = new PeerConstants(LEAST_FACTOR + factor * FACTOR_STEP, reserve * RESERVED_STEP);
                double deviation = deviation(tried, used);
                if (deviation < least) {
                    least = deviation;
                    best = tried;
                }
            }
        }
        if (best == null) {
            throw new IllegalArgumentException("no length of " + system.text() + " is published for " + fitted);
        }
        return best;
    }

    private double deviation(PeerConstants constants, List<PublishedLength> lengths) {
        if (lengths.isEmpty()) {
            return Double.POSITIVE_INFINITY;
        }
        double sum = 0;
        for (PublishedLength length : lengths) {
            long predicted = length.system().longest(length.model(), length.gpus(), cluster, constants);
            double ratio = Math.log(Math.max(1, predicted) / (double) length.tokens());
            sum += ratio * ratio;
        }
        return sum;
    }
}
