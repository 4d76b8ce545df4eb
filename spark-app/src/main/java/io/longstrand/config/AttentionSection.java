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
     */
    public record MaskSection(
            @Key(
                    doc = "causal; document: causal within each record; window: the last attention.mask.window "
                            + "tokens of the query's own record; custom.",
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
            MaskPlacement placement) {}

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
