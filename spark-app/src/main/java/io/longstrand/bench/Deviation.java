package io.longstrand.bench;

import io.longstrand.plan.published.PublishedLength;

/** Why formulas are known to miss a published length by more than a quarter. */
final class Deviation {
    private Deviation() {}

    static String of(PublishedLength published) {
        return switch (published.system()) {
            case MEGATRON_LM ->
                "by the formulas 18 bytes a parameter are 21 GB of the GPU, and 14k tokens 12 GB more. On 64"
                        + " GPUs the same model was reported at nearly the length of the smaller one (46k and 48k), on these"
                        + " at half of it (14k and 26k): one account of memory does not give both; something but the sequence"
                        + " took about 5 GB there.";
            case MEGATRON_DEEPSPEED_2022 ->
                "twice the GPUs were reported to change nothing from 64 to 128 for either"
                        + " model; by the formulas ZeRO stage 1 then halves the optimizer state, 3.4 GB of a GPU, and the"
                        + " smaller model gains 7% of length, this one 9%, on top of 22% too much before: layers cost more"
                        + " than partitioned inputs of blocks.";
            case MEGATRON_DEEPSPEED_2023 -> "not explained";
        };
    }
}
