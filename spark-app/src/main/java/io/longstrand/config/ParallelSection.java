package io.longstrand.config;

/**
 * Sizes of the axes of the mesh of ranks.
 *
 * @param data groups that see different windows
 * @param context ranks of a ring that share each sequence
 * @param head ranks that share each sequence and trade it for heads (Ulysses)
 * @param tensor ranks that share each matrix (Megatron)
 * @param elastic whether a retry may shrink the data axis to the ranks that are left
 */
public record ParallelSection(
        @Key(doc = "Groups of ranks that see different windows.", value = "1", check = Check.POSITIVE)
        int data,

        @Key(doc = "Ranks of a ring that share each sequence.", value = "1", check = Check.POSITIVE)
        int context,

        @Key(
                doc = "Ranks that share each sequence and trade it for heads (Ulysses).",
                value = "1",
                check = Check.POSITIVE)
        int head,

        @Key(doc = "Ranks that share each matrix (Megatron).", value = "1", check = Check.POSITIVE)
        int tensor,

        @Key(
                doc = "Whether a retry may go on with fewer data-parallel groups where executors are gone; each step "
                        + "keeps its sequences, train.accumulation grows.",
                value = "false")
        boolean elastic) {

    /** All ranks: the product of the axes. */
    public int world() {
        return Math.multiplyExact(Math.multiplyExact(data, context), Math.multiplyExact(head, tensor));
    }
}
