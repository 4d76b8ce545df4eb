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
                        + "nccl does not encrypt: where it is on, tensors go over tcp.",
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
     * The same, with {@link Encryption#AUTO} decided.
     *
     * @param bySpark whether Spark encrypts what it sends
     * @throws EnvironmentError when tensors are to go by nccl all the same
     */
    public CommSection decided(boolean bySpark) {
        boolean encrypted = encryption == Encryption.ON || encryption == Encryption.AUTO && bySpark;
        if (encrypted && transport == Transport.NCCL) {
            throw new EnvironmentError(
                    "comm.transport is nccl, which does not encrypt, and spark.network.crypto.enabled"
                            + " asks for encryption; set comm.transport=tcp, or comm.encryption=off");
        }
        return new CommSection(transport, operationTimeout, encrypted ? Encryption.ON : Encryption.OFF);
    }

    /**
     * Whether tensors go from device to device. {@link Encryption#AUTO} counts as off: see {@link #decided}.
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
