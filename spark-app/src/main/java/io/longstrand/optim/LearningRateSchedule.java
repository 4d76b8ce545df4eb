package io.longstrand.optim;

/**
 * Learning rate over steps: a linear warm-up from 0 to the peak, then cosine (Loshchilov and Hutter 2017), linear or
 * constant.
 *
 * @param kind shape after the warm-up
 * @param peak rate at the end of the warm-up
 * @param warmUpSteps steps of warm-up; step {@code warmUpSteps} has the peak
 * @param steps step at which the minimum is reached; the rate stays there after it
 * @param minimumRatio the minimum as a share of the peak; of no meaning to a constant rate
 */
public record LearningRateSchedule(Kind kind, double peak, long warmUpSteps, long steps, double minimumRatio) {
    /** Shape after the warm-up. */
    public enum Kind {
        /** Half a cosine from the peak to the minimum. */
        COSINE,
        /** A straight line from the peak to the minimum. */
        LINEAR,
        /** The peak all along. */
        CONSTANT
    }

    /**
     * The rate of a step.
     *
     * @param step counted from 1
     */
    public double rate(long step) {
        if (step < warmUpSteps) {
            return peak * step / warmUpSteps;
        }
        double progress = steps <= warmUpSteps ? 1 : Math.min(1, (double) (step - warmUpSteps) / (steps - warmUpSteps));
        return switch (kind) {
            case CONSTANT -> peak;
            case LINEAR -> peak * (1 - (1 - minimumRatio) * progress);
            case COSINE -> peak * (minimumRatio + (1 - minimumRatio) * 0.5 * (1 + Math.cos(Math.PI * progress)));
        };
    }
}
