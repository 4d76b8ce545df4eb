package io.longstrand.config;

import java.time.Duration;

/**
 * Communication between ranks.
 *
 * @param operationTimeout longest time one operation may take before the run fails
 * @param encryption whether what ranks send each other is encrypted
 */
public record CommSection(
        @Key(
                doc = "Longest time one operation may take before the run fails. Dead peers are found sooner, "
                        + "by heartbeat.",
                value = "10 minutes",
                check = Check.POSITIVE)
        Duration operationTimeout,

        @Key(
                doc = "Whether what ranks send each other is encrypted (AES-GCM): auto (where "
                        + "spark.network.crypto.enabled is), on or off. Ranks authenticate each other in any case.",
                value = "auto")
        Encryption encryption) {
    /** Whether what ranks send each other is encrypted. */
    public enum Encryption implements Choice {
        AUTO,
        ON,
        OFF
    }
}
