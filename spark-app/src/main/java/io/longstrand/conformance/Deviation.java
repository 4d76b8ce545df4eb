package io.longstrand.conformance;

import java.util.Optional;

/**
 * How far a result lies from its reference.
 *
 * @param what was computed
 * @param rounded whether the result was stored with fewer digits than it was computed with
 * @param relative ‖result − reference‖ / ‖reference‖ over the finite elements, the latter no smaller than the least scale
 *     of the tolerance makes it; NaN where the result has one
 * @param ofAllowed the worst element's distance, as a share of what its tolerance allows; above 1 is wrong
 * @param fault what is wrong, naming the worst element; empty when nothing is
 */
public record Deviation(String what, boolean rounded, double relative, double ofAllowed, Optional<String> fault) {
    /** The same, its fault with the requirement that it breaks. */
    Deviation of(String requirement) {
        return new Deviation(what, rounded, relative, ofAllowed, fault.map(text -> requirement + ": " + text));
    }

    /** @throws AssertionError when the result is wrong */
    public void requireRight() {
        fault.ifPresent(text -> {
            throw new AssertionError(text);
        });
    }
}
