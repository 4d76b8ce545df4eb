package io.longstrand.config;

/**
 * The training loop.
 *
 * @param steps optimiser steps of the whole run
 * @param microBatch sequences a data-parallel group computes at a time
 * @param accumulation micro-batches of a data-parallel group per optimiser step
 * @param precision compute type
 * @param seed source of every random choice
 * @param retries how often a failed run is restarted from its last checkpoint
 * @param optimiser AdamW
 * @param schedule learning rate over steps
 * @param validation when and how much to validate on the way
 */
public record TrainSection(
        @Key(doc = "Optimiser steps of the whole run.", value = "1000", check = Check.POSITIVE)
        long steps,

        @Key(doc = "Sequences each data-parallel group computes at a time.", value = "16", check = Check.POSITIVE)
        int microBatch,

        @Key(
                doc = "Micro-batches each data-parallel group adds up to one optimiser step.",
                value = "1",
                check = Check.POSITIVE)
        int accumulation,

        @Key(doc = "Compute type: fp32 or bf16.", value = "fp32")
        Precision precision,

        @Key(doc = "Source of every random choice; same seed and layout, same bits.", value = "1")
        long seed,

        @Key(
                doc = "How often the driver restarts a failed run from its last checkpoint.",
                value = "0",
                check = Check.NOT_NEGATIVE)
        int retries,

        @Section(doc = "AdamW with decoupled weight decay.") OptimiserSection optimiser,

        @Section(doc = "The learning rate over the steps: a linear warm-up, then the kind chosen.")
        ScheduleSection schedule,

        @Section(doc = "Validation on the way; the end of a run always scores the whole held-out part.")
        ValidationSection validation) {

    /** Compute type. */
    public enum Precision implements Choice {
        FP32,
        BF16
    }

    /**
     * AdamW (Loshchilov and Hutter, 2019).
     *
     * @param learningRate peak learning rate
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param epsilon added to the root of the second moment
     * @param weightDecay decoupled decay of matrices; norms and biases have none
     * @param clipNorm largest global gradient norm; 0: no clipping
     */
    public record OptimiserSection(
            @Key(doc = "Peak learning rate.", value = "0.003", check = Check.POSITIVE)
            double learningRate,

            @Key(doc = "Decay of the first moment.", value = "0.9", check = Check.FRACTION)
            double beta1,

            @Key(doc = "Decay of the second moment.", value = "0.98", check = Check.FRACTION)
            double beta2,

            @Key(doc = "Added to the root of the second moment.", value = "1.0e-8", check = Check.POSITIVE)
            double epsilon,

            @Key(
                    doc = "Decoupled weight decay of matrices; norms and biases have none.",
                    value = "0.1",
                    check = Check.NOT_NEGATIVE)
            double weightDecay,

            @Key(
                    doc = "Largest global norm of the gradients; longer ones are scaled down to it. 0: no "
                            + "clipping.",
                    value = "1.0",
                    check = Check.NOT_NEGATIVE)
            double clipNorm) {}

    /**
     * Learning rate over steps.
     *
     * @param kind shape after the warm-up
     * @param steps where the schedule ends
     * @param warmUpSteps steps of linear warm-up
     * @param minimumRateRatio the rate at the end, as a share of the peak
     */
    public record ScheduleSection(
            @Key(doc = "cosine, linear or constant.", value = "cosine")
            ScheduleKind kind,

            @Key(
                    doc = "Step at which the schedule reaches its minimum rate; the rate stays there after it.",
                    value = "${train.steps}",
                    check = Check.POSITIVE)
            long steps,

            @Key(
                    doc = "Steps of linear warm-up from 0 to the peak. A run shorter than that is all warm-up.",
                    value = "60",
                    check = Check.NOT_NEGATIVE)
            long warmUpSteps,

            @Key(
                    doc = "The rate at the end of cosine and linear, as a share of the peak.",
                    value = "0.1",
                    check = Check.SHARE)
            double minimumRateRatio) {}

    /** Shape of a schedule after its warm-up. */
    public enum ScheduleKind implements Choice {
        COSINE,
        LINEAR,
        CONSTANT
    }

    /**
     * Validation on the way.
     *
     * @param every steps between two validations; 0: only at the end
     * @param windows held-out windows scored each time; 0: all
     */
    public record ValidationSection(
            @Key(doc = "Steps between two validations. 0: only at the end.", value = "200", check = Check.NOT_NEGATIVE)
            long every,

            @Key(
                    doc = "Held-out windows, evenly spread, scored each time on the way. 0: all.",
                    value = "128",
                    check = Check.NOT_NEGATIVE)
            long windows) {}
}
