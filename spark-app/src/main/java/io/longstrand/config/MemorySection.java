package io.longstrand.config;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Memory of each rank.
 *
 * @param deviceBudget bytes of device memory the rank may use; empty: decided from the device
 * @param hostBudget bytes of host memory the rank may use; empty: decided from the machine
 * @param maskCache bytes of host memory for mask tiles that are kept; empty: as documented
 * @param recompute which activations are computed again in the backward pass
 * @param mlpTile tokens of which the wide rows of the MLP exist at a time; 0: all
 * @param lossTile tokens of which logits exist at a time; 0: all; empty: some, by the vocabulary
 * @param offload what lives outside device memory
 */
public record MemorySection(
        @Key(
                doc = "Device memory a rank may use (8GiB, 512MiB); on the cpu backend a budget that is "
                        + "enforced all the same. auto: what the device has, or a share of the machine's memory.",
                value = "auto",
                check = Check.POSITIVE)
        OptionalLong deviceBudget,

        @Key(
                doc = "Host memory a rank may use for masks and offloaded state. auto: a share of the machine's "
                        + "memory.",
                value = "auto",
                check = Check.POSITIVE)
        OptionalLong hostBudget,

        @Key(
                doc = "Under attention.mask.placement = host: most host memory a rank fills with mask tiles that are "
                        + "kept for the other heads, layers and steps; what there is no room for is made again. 0: "
                        + "none is kept. auto: 64MiB.",
                value = "auto",
                check = Check.NOT_NEGATIVE)
        OptionalLong maskCache,

        @Key(
                doc = "Activations computed again in the backward pass instead of kept. none; attention: queries, "
                        + "keys and values; attention+mlp: and the wide rows of the MLP; full: everything but each "
                        + "block's input, for about a quarter more time. Changes no bit of a result.",
                value = "none")
        Recompute recompute,

        @Key(
                doc = "Tokens for which the wide rows of the MLP exist at a time; the backward pass computes them "
                        + "again. 0: all tokens of the micro-batch. Multiples of 2048 multiply fastest; others may "
                        + "round sums of gradients differently.",
                value = "0",
                check = Check.NOT_NEGATIVE)
        int mlpTile,

        @Key(
                doc = "Tokens for which logits exist at a time. 0: all tokens of the micro-batch. auto: as many as "
                        + "make up 4 MiB, from 64 to 1024. Another choice may round sums of gradients differently.",
                value = "auto",
                check = Check.NOT_NEGATIVE)
        OptionalInt lossTile,

        @Section(doc = "What lives outside device memory. No choice here changes a bit of a result.")
        OffloadSection offload) {

    /** Activations computed again in the backward pass. */
    public enum Recompute implements Choice {
        NONE,
        ATTENTION,
        ATTENTION_AND_MLP("attention+mlp"),
        FULL;

        private final String text;

        Recompute() {
            this.text = Choice.super.text();
        }

        Recompute(String text) {
            this.text = text;
        }

        @Override
        public String text() {
            return text;
        }
    }

    /**
     * Where parts of the state live.
     *
     * @param optimizer moments and master parameters
     * @param parameters parameters of layers not in use
     * @param activations activations kept for the backward pass
     * @param directory absolute path of a directory on a local disk of every rank, or {@value #AUTOMATIC}
     */
    public record OffloadSection(
            @Key(
                    doc = "Moments, and the fp32 masters of bf16: none or host. Those on the host pass through the "
                            + "device chunk by chunk.",
                    value = "none")
            Offload optimizer,

            @Key(
                    doc = "Parameters of layers not in use: none or host. The next layer's come to the device while "
                            + "one computes.",
                    value = "none")
            Offload parameters,

            @Key(
                    doc = "Activations kept for the backward pass, of all layers but two: none, host or disk. A "
                            + "layer's leave while the next computes, and come back one layer ahead.",
                    value = "none")
            Offload activations,

            @Key(
                    doc = "Directory for activations on disk, on a local disk of every rank. The file there has no "
                            + "name and goes with the rank's process. auto: the first of LOCAL_DIRS, "
                            + "SPARK_EXECUTOR_DIRS and SPARK_LOCAL_DIRS that the cluster sets, else java.io.tmpdir, "
                            + "which must not be a file system in memory.",
                    value = "auto",
                    check = Check.LOCAL_DIRECTORY)
            String directory) {
        /** Stands for a directory that each rank chooses itself. */
        public static final String AUTOMATIC = "auto";
    }

    /** A place outside device memory. */
    public enum Offload implements Choice {
        NONE,
        HOST,
        DISK
    }
}
