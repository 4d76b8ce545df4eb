package io.longstrand.config;

/**
 * Attention.
 *
 * @param kernel how attention is computed
 * @param mask which keys a query sees
 */
public record AttentionSection(
        @Key(
                doc = "flash: tiled, never a sequence × sequence matrix. naive: the whole matrix at once, for "
                        + "comparison.",
                value = "flash")
        AttentionKernel kernel,

        @Section(doc = "Which keys a query sees.") MaskSection mask) {

    /** How attention is computed. */
    public enum AttentionKernel implements Choice {
        FLASH,
        NAIVE
    }

    /**
     * Which keys a query sees.
     *
     * @param kind the rule
     * @param window tokens a query sees under a window mask
     * @param placement where partial tiles come from
     * @param rule class of a custom mask; blank when there is none
     * @param file file of a custom mask; blank when there is none
     */
    public record MaskSection(
            @Key(
                    doc = "causal; document: causal within each record; window: the last attention.mask.window "
                            + "tokens of the query's own record; custom: as attention.mask.rule or "
                            + "attention.mask.file says, with attention.mask.placement = host.",
                    value = "causal")
            MaskKind kind,

            @Key(
                    doc = "Tokens a query sees under a window mask, itself included: the cost of attention grows "
                            + "with sequence length × this.",
                    value = "1024",
                    check = Check.POSITIVE)
            int window,

            @Key(
                    doc = "structured: partial tiles are computed from the rule. host: bit-packed tiles are made "
                            + "in host memory and the tile at hand moves to the device.",
                    value = "structured")
            MaskPlacement placement,

            @Key(
                    doc = "Under a custom mask: the class that says which keys a query sees, in full, with its "
                            + "package. It implements io.longstrand.attention.CustomMask, whose documentation says "
                            + "how to write one; its jar is named in LONGSTRAND_JARS. Empty: none.",
                    value = "\"\"")
            String rule,

            @Key(
                    doc = "Under a custom mask, instead of a rule: a file, at the same path on every machine, of "
                            + "data.sequence-length rows of as many bits, as written in Python by "
                            + "numpy.packbits(mask, axis=1, bitorder='little').tofile(file), where mask[query, key] "
                            + "says whether the query sees the key. Empty: none.",
                    value = "\"\"",
                    check = Check.LOCAL_FILE)
            String file) {}

    /** The rule of a mask. */
    public enum MaskKind implements Choice {
        CAUSAL,
        DOCUMENT,
        WINDOW,
        CUSTOM
    }

    /** Where partial mask tiles come from. */
    public enum MaskPlacement implements Choice {
        STRUCTURED,
        HOST
    }
}
