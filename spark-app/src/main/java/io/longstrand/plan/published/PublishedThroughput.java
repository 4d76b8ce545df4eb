package io.longstrand.plan.published;

import java.util.List;
import java.util.OptionalDouble;

/**
 * Throughput a system was reported to reach on 32 A100 with 40 GB, per GPU, by the formula of Megatron-DeepSpeed with
 * recomputed activations, which counts attention as if it were not causal ({@link
 * io.longstrand.model.FlopCount#megatronDeepSpeed}).
 *
 * @param system that reached it
 * @param tokens of a sequence
 * @param teraflops per second; empty where the device's memory did not suffice
 */
public record PublishedThroughput(PeerSystem system, long tokens, OptionalDouble teraflops) {
    private static final int THOUSAND = 1024;

    /** GPUs of every row; all of them share matrices. */
    public static final int GPUS = 32;

    /**
     * The table of DeepSpeed4Science's "Megatron-DeepSpeed rebase with optimizations", 2023 (examples_deepspeed /
     * deepspeed4science / megatron_long_seq_support of github.com/microsoft/Megatron-DeepSpeed). The model is not named.
     */
    public static List<PublishedThroughput> all() {
        return List.of(
                of(PeerSystem.MEGATRON_DEEPSPEED_2022, 2, 25),
                of(PeerSystem.MEGATRON_DEEPSPEED_2022, 4, 28),
                outOfMemory(8),
                outOfMemory(16),
                outOfMemory(32),
                outOfMemory(64),
                outOfMemory(128),
                outOfMemory(256),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, 2, 68),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, 4, 80),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, 8, 86),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, 16, 92),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, 32, 100),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, 64, 106),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, 128, 119),
                of(PeerSystem.MEGATRON_DEEPSPEED_2023, 256, 94));
    }

    private static PublishedThroughput of(PeerSystem system, int thousands, double teraflops) {
        return new PublishedThroughput(system, (long) thousands * THOUSAND, OptionalDouble.of(teraflops));
    }

    private static PublishedThroughput outOfMemory(int thousands) {
        return new PublishedThroughput(
                PeerSystem.MEGATRON_DEEPSPEED_2022, (long) thousands * THOUSAND, OptionalDouble.empty());
    }
}
