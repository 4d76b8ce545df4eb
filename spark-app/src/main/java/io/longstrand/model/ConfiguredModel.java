package io.longstrand.model;

import io.longstrand.config.ModelSection;

/** Turns the model section of a configuration into a shape. */
public final class ConfiguredModel {
    private final ModelSection section;

    /** @param section of the configuration */
    public ConfiguredModel(ModelSection section) {
        this.section = section;
    }

    /**
     * The shape for some data.
     *
     * @param vocabulary token ids of the tokeniser
     * @param positions tokens of the longest sequence
     */
    public ModelShape shape(int vocabulary, long positions) {
        return new ModelShape(
                section.layers(),
                section.hidden(),
                section.heads(),
                section.kvHeads(),
                section.ffnHidden(),
                vocabulary,
                positions,
                ModelShape.Norm.valueOf(section.norm().name()),
                ModelShape.MlpActivation.valueOf(section.activation().name()),
                ModelShape.PositionKind.valueOf(section.position().name()),
                section.rotaryBase(),
                section.tied());
    }
}
