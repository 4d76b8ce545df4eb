package io.longstrand.config;

/**
 * Checkpoints.
 *
 * @param every steps between two checkpoints; 0: only at the end
 * @param keep how many are kept; 0: all
 */
public record CheckpointSection(
        @Key(
                doc = "Steps between two checkpoints. 0: only at the end and when the run is stopped.",
                value = "500",
                check = Check.NOT_NEGATIVE)
        long every,

        @Key(doc = "How many checkpoints are kept, the newest ones. 0: all.", value = "2", check = Check.NOT_NEGATIVE)
        int keep) {}
