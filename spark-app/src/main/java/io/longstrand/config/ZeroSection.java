package io.longstrand.config;

/**
 * Partitioned state (ZeRO; Rajbhandari et al., 2020).
 *
 * @param stage 0: nothing; 1: optimiser state; 2: and gradients; 3: and parameters
 */
public record ZeroSection(
        @Key(
                doc = "What is partitioned over the ranks. 0: nothing; 1: optimiser state; 2: and gradients; 3: "
                        + "and parameters.",
                value = "0",
                check = Check.ZERO_STAGE)
        int stage) {}
