package io.longstrand.model;

import io.longstrand.attention.AttentionForm;
import io.longstrand.attention.CustomMasking;
import io.longstrand.attention.HostMasking;
import io.longstrand.attention.MaskRule;
import io.longstrand.attention.Masking;
import io.longstrand.config.AttentionSection;
import io.longstrand.config.ModelSection;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.TrainSection.Precision;
import io.longstrand.storage.FileStore;
import io.longstrand.tensor.DataType;
import java.io.IOException;
import java.io.UncheckedIOException;

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

    /** How attention is computed. */
    public AttentionForm attention() {
        return AttentionForm.valueOf(configuration.attention().kernel().name());
    }

    /**
     * How attention is masked.
     *
     * @throws io.longstrand.config.UserError when the class of a custom mask is missing or wrong
     */
    public Masking masking() {
        AttentionSection.MaskSection mask = configuration.attention().mask();
        return switch (mask.kind()) {
            case CAUSAL -> placed(new MaskRule.Causal());
            case DOCUMENT -> placed(new MaskRule.Document());
            case WINDOW -> placed(new MaskRule.Window(mask.window()));
            case CUSTOM -> custom(mask);
        };
    }

    private Masking placed(MaskRule rule) {
        return switch (configuration.attention().mask().placement()) {
            case STRUCTURED -> rule;
            case HOST -> new HostMasking(rule, maskCache());
        };
    }

    private Masking custom(AttentionSection.MaskSection mask) {
        if (!mask.rule().isBlank()) {
            return CustomMasking.ofClass(mask.rule(), maskCache());
        }
        try {
            return CustomMasking.ofFile(FileStore.local(), mask.file(), maskCache());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long maskCache() {
        return configuration.memory().maskCache().orElse(MASK_CACHE_BYTES);
    }

    /** Type of activations and products. */
    public DataType type() {
        return configuration.train().precision() == Precision.BF16 ? DataType.BFLOAT16 : DataType.FLOAT32;
    }
}
