package io.longstrand.config;

/**
 * Shape of the GPT.
 *
 * @param preset name of the shape the other keys start from, or {@code none}
 * @param layers transformer blocks
 * @param hidden width of the residual stream; heads × head size
 * @param heads query heads
 * @param kvHeads key and value heads; divides heads
 * @param ffnHidden width inside the MLP
 * @param norm kind of normalisation
 * @param activation kind of MLP
 * @param position kind of position information
 * @param rotaryBase base of the rotary frequencies
 * @param tied whether the output projection is the token embedding
 */
public record ModelSection(
        @Key(
                doc = "A shape to start from: genome-1M, genome-4M, genome-25M, genome-250M, GPT1_5B, GPT6_7B, "
                        + "GPT25B, GPT33B (conf/models), or none. Keys of this section given elsewhere win.",
                value = "none",
                check = Check.NOT_BLANK)
        String preset,

        @Key(doc = "Transformer blocks.", value = "4", check = Check.LAYERS)
        int layers,

        @Key(doc = "Width of the residual stream: heads × head size.", value = "128", check = Check.HIDDEN)
        int hidden,

        @Key(doc = "Query heads. Divides model.hidden.", value = "4", check = Check.POSITIVE)
        int heads,

        @Key(
                doc = "Key and value heads; fewer than model.heads is grouped-query attention. Divides "
                        + "model.heads.",
                value = "${model.heads}",
                check = Check.POSITIVE)
        int kvHeads,

        @Key(
                doc = "Width inside the MLP. auto: 4 × hidden for gelu; 8/3 × hidden rounded up to a multiple "
                        + "of 32 for swiglu, which has a third matrix.",
                value = "auto",
                check = Check.WIDE)
        int ffnHidden,

        @Key(doc = "Normalisation before each block: layer or rms.", value = "layer")
        Norm norm,

        @Key(doc = "MLP: gelu or swiglu.", value = "gelu") Activation activation,

        @Key(doc = "Position information: rotary or learned.", value = "rotary")
        Position position,

        @Key(doc = "Base of the rotary frequencies.", value = "10000.0", check = Check.POSITIVE)
        double rotaryBase,

        @Key(doc = "Use the token embedding as the output projection.", value = "true")
        boolean tied) {

    /** Width of one head: hidden / heads. */
    public int headSize() {
        return hidden / heads;
    }

    /** Normalisation in front of each block. */
    public enum Norm implements Choice {
        LAYER,
        RMS
    }

    /** Kind of MLP. */
    public enum Activation implements Choice {
        GELU,
        SWIGLU
    }

    /** Kind of position information. */
    public enum Position implements Choice {
        ROTARY,
        LEARNED
    }
}
