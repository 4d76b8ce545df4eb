package io.longstrand.config;

import java.io.Serializable;
import java.time.Duration;

/**
 * Communication between ranks.
 *
 * @param transport what carries tensors between ranks
 * @param operationTimeout longest time one operation may take before the run fails
 * @param encryption whether what ranks send each other is encrypted
 */
public record CommSection(
        @Key(
                doc =
                        "What carries tensors between ranks: nccl (from GPU to GPU), tcp (from host to host) or auto (nccl "
                                + "where every rank computes on a GPU). What ranks agree on always goes over tcp. nccl has not "
                                + "been run on a GPU.",
                value = "auto")
        Transport transport,

        @Key(
                doc = "Longest time one operation may take before the run fails. Dead peers are found sooner, "
                        + "by heartbeat.",
                value = "10 minutes",
                check = Check.POSITIVE)
        Duration operationTimeout,

        @Key(
                doc = "Whether what ranks send each other is encrypted (AES-GCM): auto (where "
                        + "spark.network.crypto.enabled is), on or off. Ranks authenticate each other in any case. "
                        + "nccl does not encrypt: with on, tensors go over tcp.",
                value = "auto")
        Encryption encryption)
        implements Serializable {
    /** What carries tensors between ranks. */
    public enum Transport implements Choice {
        AUTO,
        TCP,
        NCCL
    }

    /** Whether what ranks send each other is encrypted. */
    public enum Encryption implements Choice {
        AUTO,
        ON,
        OFF
    }

    /**
     * Whether tensors go from device to device.
     *
     * @param gpus whether every rank computes on a GPU
     */
    public boolean betweenDevices(boolean gpus) {
        return switch (transport) {
            case TCP -> false;
            case NCCL -> true;
            case AUTO -> gpus && encryption != Encryption.ON;
        };
    }
}
