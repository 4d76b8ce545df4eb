package io.longstrand.plan.published;

import java.util.List;

/**
 * The longest sequence a system was reported to train.
 *
 * @param system that trained it
 * @param model what
 * @param gpus on how many A100 with 40 GB
 * @param tokens of the sequence
 */
public record PublishedLength(PeerSystem system, GptSize model, int gpus, long tokens) {
    private static final int THOUSAND = 1024;

    /**
     * All 18: DeepSpeed4Science, "Model showcase: GenSLMs", 2023, the figure of maximal sequence lengths, in thousands
     * (1024) of tokens. They are the longest of those tried, which lay 2k apart up to 64k and up to 64k apart beyond: the
     * longest that fits is somewhere up to the next.
     */
    public static List<PublishedLength> all() {
        return List.of(
                of(PeerSystem.MEGATRON_DEEPSPEED_2022, GptSize.of25B(), 32, 36),
                of(PeerSystem.MEGATRON_DEEPSPEED_2022, GptSize.of25B(), 64, 42),
                of(PeerSystem.MEGATRON_DEEPSPEED_2022, GptSize.of25B(), 128, 42),
                of(PeerSystem.MEGATRON_LM, GptSize.of25B(), 32, 26),
                of(PeerSystem.MEGATRON_LM, GptSize.of25B(), 64, 48),
                of(PeerSystem.MEGATRON_LM, GptSize.of25B(), 128, 52),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, GptSize.of25B(), 32, 192),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, GptSize.of25B(), 64, 448),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, GptSize.of25B(), 128, 512),
                of(PeerSystem.MEGATRON_DEEPSPEED_2022, GptSize.of33B(), 32, 28),
                of(PeerSystem.MEGATRON_DEEPSPEED_2022, GptSize.of33B(), 64, 32),
                of(PeerSystem.MEGATRON_DEEPSPEED_2022, GptSize.of33B(), 128, 32),
                of(PeerSystem.MEGATRON_LM, GptSize.of33B(), 32, 14),
                of(PeerSystem.MEGATRON_LM, GptSize.of33B(), 64, 46),
                of(PeerSystem.MEGATRON_LM, GptSize.of33B(), 128, 52),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, GptSize.of33B(), 32, 128),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, GptSize.of33B(), 64, 384),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, GptSize.of33B(), 128, 448));
    }

    private static PublishedLength of(PeerSystem system, GptSize model, int gpus, int thousands) {
        return new PublishedLength(system, model, gpus, (long) thousands * THOUSAND);
    }
}
