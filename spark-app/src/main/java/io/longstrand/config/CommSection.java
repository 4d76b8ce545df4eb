package io.longstrand.config;

import java.time.Duration;

/**
 * Communication between ranks.
 *
 * @param operationTimeout longest time one operation may take before the run fails
 */
public record CommSection(
        @Key(
                doc = "Longest time one operation may take before the run fails. Dead peers are found sooner, "
                        + "by heartbeat.",
                value = "10 minutes",
                check = Check.POSITIVE)
        Duration operationTimeout) {}
