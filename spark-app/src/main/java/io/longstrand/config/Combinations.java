package io.longstrand.config;

import io.longstrand.config.AttentionSection.AttentionKernel;
import io.longstrand.config.TrainSection.Precision;

/** Refuses values that are valid alone but impossible together. */
final class Combinations {
    private final Origin origin;

    Combinations(Origin origin) {
        this.origin = origin;
    }

    /** @throws UserError naming both keys, where each was set, and what would fit */
    void check(RunConfiguration configuration) {
        ModelSection model = configuration.model();
        require(
                model.hidden() % model.heads() == 0,
                "model.hidden",
                "model.heads",
                "hidden must be a multiple of heads, for example " + multiple(model.hidden(), model.heads()));
        require(
                model.heads() % model.kvHeads() == 0,
                "model.kv-heads",
                "model.heads",
                "kv-heads must divide heads: valid are " + divisors(model.heads()));
        if (model.position() == ModelSection.Position.ROTARY) {
            require(
                    model.headSize() % 2 == 0,
                    "model.hidden",
                    "model.heads",
                    "rotary positions need an even head size, hidden / heads is " + model.headSize());
        }
        require(
                configuration.attention().kernel() != AttentionKernel.NAIVE
                        || configuration.train().precision() == Precision.FP32,
                "attention.kernel",
                "train.precision",
                "naive attention holds fp32 matrices: choose train.precision = fp32 or attention.kernel = flash");
        mask(configuration.attention().mask());
    }

    private void mask(AttentionSection.MaskSection mask) {
        boolean custom = mask.kind() == AttentionSection.MaskKind.CUSTOM;
        boolean rule = !mask.rule().isBlank();
        boolean file = !mask.file().isBlank();
        require(
                !rule || custom,
                "attention.mask.rule",
                "attention.mask.kind",
                "a rule of your own needs attention.mask.kind = custom");
        require(
                !file || custom,
                "attention.mask.file",
                "attention.mask.kind",
                "a mask file needs attention.mask.kind = custom");
        require(!rule || !file, "attention.mask.rule", "attention.mask.file", "name the one or the other");
        require(
                !custom || rule || file,
                "attention.mask.kind",
                "attention.mask.rule",
                "a custom mask needs the name of a class in attention.mask.rule or of a file in attention.mask.file");
        require(
                !custom || mask.placement() == AttentionSection.MaskPlacement.HOST,
                "attention.mask.kind",
                "attention.mask.placement",
                "a custom mask is made on the host; set attention.mask.placement = host");
    }

    private void require(boolean holds, String key, String other, String what) {
        if (!holds) {
            throw new UserError(origin.of(key) + " does not go with " + origin.beside(other) + ": " + what);
        }
    }

    private static int multiple(int value, int factor) {
        return (value + factor - 1) / factor * factor;
    }

    private static String divisors(int number) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= number; i++) {
            if (number % i == 0) {
                text.append(text.isEmpty() ? "" : ", ").append(i);
            }
        }
        return text.toString();
    }
}
