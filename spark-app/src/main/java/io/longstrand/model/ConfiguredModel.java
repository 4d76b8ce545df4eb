package io.longstrand.model;

import io.longstrand.attention.HostMasking;
import io.longstrand.attention.MaskRule;
import io.longstrand.attention.Masking;
import io.longstrand.config.AttentionSection;
import io.longstrand.config.ModelSection;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.TrainSection.Precision;
import io.longstrand.tensor.DataType;

/** What a configuration says about the model. */
public final class ConfiguredModel {
    private static final long MASK_CACHE_BYTES = 64L << 20;

    private final RunConfiguration configuration;

    /** @param configuration of the run */
    public ConfiguredModel(RunConfiguration configuration) {
        this.configuration = configuration;
    }

    /**
     * The shape for some data.
     *
     * @param vocabulary token ids of the tokeniser
     * @param positions tokens of the longest sequence
     */
    public ModelShape shape(int vocabulary, long positions) {
        ModelSection section = configuration.model();
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

    /** How attention is masked. */
    public Masking masking() {
        AttentionSection.MaskSection mask = configuration.attention().mask();
        MaskRule rule =
                switch (mask.kind()) {
                    case CAUSAL -> new MaskRule.Causal();
                    case DOCUMENT -> new MaskRule.Document();
                    case WINDOW -> new MaskRule.Window(mask.window());
                    case CUSTOM ->
                        throw new IllegalStateException(
                                "the configuration was checked to have no such mask: " + configuration.attention());
                };
        return switch (mask.placement()) {
            case STRUCTURED -> rule;
            case HOST ->
                new HostMasking(rule, configuration.memory().maskCache().orElse(MASK_CACHE_BYTES));
        };
    }

    /** Type of activations and products. */
    public DataType type() {
        return configuration.train().precision() == Precision.BF16 ? DataType.BFLOAT16 : DataType.FLOAT32;
    }
}
