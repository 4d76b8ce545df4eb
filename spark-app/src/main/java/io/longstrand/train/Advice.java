package io.longstrand.train;

import java.util.List;

/**
 * Settings that make a configuration fit its budget, and their price.
 *
 * @param settings {@code key=value}, to be given together
 * @param deviceBytes planned with them
 * @param hostBytes planned with them
 * @param extraFlops operations a step executes more; less than 0 where the step is made smaller
 * @param extraFlopsShare the same as a share of the step as it is configured
 * @param extraMovedBytes bytes a step copies more between host and device
 */
public record Advice(
        List<String> settings,
        long deviceBytes,
        long hostBytes,
        double extraFlops,
        double extraFlopsShare,
        long extraMovedBytes) {
    public Advice {
        settings = List.copyOf(settings);
    }
}
