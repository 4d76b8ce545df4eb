package io.longstrand.model;

import io.longstrand.attention.MaskRule;
import io.longstrand.model.ModelShape.MlpActivation;
import io.longstrand.model.ModelShape.Norm;
import io.longstrand.model.ModelShape.PositionKind;
import java.util.List;

/**
 * A variant of the model and of its data.
 *
 * @param name what is special about it
 * @param length tokens of each sequence
 */
record GoldenVariant(String name, ModelShape shape, MaskRule rule, int sequences, int length) {
    static final int VOCABULARY = 19;

    /** Together they have every kind of norm, activation, position, mask, head sharing and output matrix. */
    static List<GoldenVariant> all() {
        MaskRule causal = new MaskRule.Causal();
        MaskRule document = new MaskRule.Document();
        return List.of(
                new GoldenVariant(
                        "layer norm, GELU, learned positions, tied",
                        shape(4, Norm.LAYER, MlpActivation.GELU, PositionKind.LEARNED, true),
                        causal,
                        2,
                        70),
                new GoldenVariant(
                        "RMS norm, SwiGLU, rotary, untied, grouped queries",
                        shape(2, Norm.RMS, MlpActivation.SWIGLU, PositionKind.ROTARY, false),
                        causal,
                        2,
                        37),
                new GoldenVariant(
                        "documents over several tiles, one key head",
                        shape(1, Norm.LAYER, MlpActivation.GELU, PositionKind.ROTARY, true),
                        document,
                        3,
                        101),
                new GoldenVariant(
                        "RMS norm, GELU, learned positions, untied, documents",
                        shape(4, Norm.RMS, MlpActivation.GELU, PositionKind.LEARNED, false),
                        document,
                        1,
                        128),
                new GoldenVariant(
                        "layer norm, SwiGLU, one short sequence",
                        shape(2, Norm.LAYER, MlpActivation.SWIGLU, PositionKind.ROTARY, true),
                        causal,
                        1,
                        3));
    }

    private static ModelShape shape(
            int keyValueHeads, Norm norm, MlpActivation activation, PositionKind position, boolean tied) {
        return new ModelShape(2, 24, 4, keyValueHeads, 40, VOCABULARY, 128, norm, activation, position, 10_000, tied);
    }

    RandomSequences batch() {
        return RandomSequences.draw(sequences, length, shape.vocabulary(), rule instanceof MaskRule.Document ? 20 : 0);
    }

    @Override
    public String toString() {
        return name;
    }
}
