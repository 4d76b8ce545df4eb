package io.longstrand.optim;

/**
 * A stretch of a flat slice whose elements all decay or all do not.
 *
 * @param start first element, counted from the slice's beginning
 * @param end one past the last element
 * @param decays whether weight decay applies
 */
public record DecaySegment(long start, long end, boolean decays) {
    public DecaySegment {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("segment " + start + ".." + end);
        }
    }
}
