package io.longstrand.plan.published;

import io.longstrand.model.FlopCount;
import io.longstrand.model.ModelShape;
import io.longstrand.plan.cluster.ClusterProfile;

/**
 * How long a step of one sequence takes a system, from what it executes and sends; nothing overlaps. Operations are
 * counted twice forward, since inputs of blocks alone are kept, and once backward, which is twice the forward pass.
 *
 * @param cluster it runs on
 * @param model what is trained
 * @param gpus ranks, which share every matrix
 */
public record PeerStep(ClusterProfile cluster, GptSize model, int gpus) {
    /** FlashAttention reaches 0.25 to 0.4 of the peak on A100, backward less (Dao 2023, section 1). */
    private static final double FLASH_SHARE = 0.25;
    /** Of the line rate of eight adapters a node, by collective operations of many megabytes. */
    private static final double LINK_SHARE = 0.9;
    /** Bytes that scaling, masking, softmax and dropout read and write of each score, in each of three passes. */
    private static final int SCORE_TRAFFIC = 3 * 16;

    private static final int BYTES = 2;

    /**
     * Seconds of a step.
     *
     * @param productShare of the peak that products of linear layers reach
     */
    public double seconds(PeerSystem system, long tokens, double productShare) {
        return productFlops(tokens) / (cluster.peakFlops() * productShare)
                + attentionSeconds(system, tokens)
                + sentBytes(system, tokens) / (cluster.ringBandwidth(cluster.inNode(gpus)) * LINK_SHARE);
    }

    /** Throughput by the formula the results were published with, per GPU, in TFLOP/s. */
    public double teraflops(PeerSystem system, long tokens, double productShare) {
        ModelShape shape = new ModelShape(
                model.layers(),
                model.hidden(),
                model.heads(),
                model.heads(),
                4 * model.hidden(),
                model.vocabulary(),
                tokens,
                ModelShape.Norm.LAYER,
                ModelShape.MlpActivation.GELU,
                ModelShape.PositionKind.LEARNED,
                1,
                true);
        double counted = new FlopCount(shape).megatronDeepSpeed(1, tokens, true);
        return counted / gpus / seconds(system, tokens, productShare) / 1e12;
    }

    /** Forward twice and backward of every matrix: {@code 8 · 12Lh²}, and of the output matrix, once: {@code 6Vh}. */
    private double productFlops(long tokens) {
        double h = model.hidden();
        return tokens * (8.0 * 12 * model.layers() * h * h + 6.0 * model.vocabulary() * h) / gpus;
    }

    /**
     * Flash attention multiplies {@code 4 + 4 + 10} times h for each pair a causal mask allows; whole matrices are
     * multiplied {@code 4 + 4 + 8} times h for every pair, and pass through the memory of the GPU beside that.
     */
    private double attentionSeconds(PeerSystem system, long tokens) {
        double pairs = (double) tokens * tokens;
        double perPair = model.layers() * (double) model.hidden() / gpus;
        if (system == PeerSystem.MEGATRON_DEEPSPEED_2023) {
            return 18 * perPair * pairs / 2 / (cluster.peakFlops() * FLASH_SHARE);
        }
        double scores = model.layers() * pairs * model.heads() / gpus;
        return 16 * perPair * pairs / (cluster.peakFlops() * FLASH_SHARE)
                + SCORE_TRAFFIC * scores / cluster.memoryBandwidth();
    }

    /**
     * Sequence parallelism gathers and scatters twice a layer in each of two forward passes and three times in the
     * backward pass: {@code 14sh(t−1)/t}. Without it two sums over all ranks in each of three passes: {@code 12sh(t−1)/t}.
     */
    private double sentBytes(PeerSystem system, long tokens) {
        int times = system == PeerSystem.MEGATRON_DEEPSPEED_2022 ? 12 : 14;
        return (double) BYTES * times * tokens * model.hidden() * model.layers() * (gpus - 1) / gpus;
    }
}
