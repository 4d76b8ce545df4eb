package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * Flash attention (Dao 2023) over the kernels: tiles of scores, running softmax, log-sum-exp kept, tiles recomputed in
 * the backward pass. The forward pass is split over the lanes by (sequence, head, some tiles of queries), the backward
 * pass by (sequence, key head), so every sum is formed inside one task, in an order that depends on the shapes alone.
 *
 * <p>Where the device's library attends to whole causal sequences itself ({@link FusedAttention}) it does so for batches
 * without documents and padding.
 *
 * <p>In mixed precision products take BFLOAT16 operands; scores, softmax, statistics and all sums stay FLOAT32, and
 * gradients are rounded once, when they are complete.
 */
public final class FlashAttention implements Attention {
    private final FlashParts parts;

    /**
     * Attention that takes its scratch from an arena for the time of a pass.
     *
     * @param type of queries, keys, values and their gradients
     */
    public FlashAttention(Kernels kernels, Arena device, AttentionShape shape, TileSize tile, DataType type) {
        parts = new FlashParts(kernels, device, shape, tile, type);
    }

    @Override
    public void forward(Tensors tensors, AttentionMask mask) {
        requireSameTile(mask);
        Arena.Mark mark = parts.device().mark();
        FlashForward pass = new FlashForward(parts, tensors, mask);
        Optional<FusedAttention> fused = fused(mask);
        if (fused.isEmpty()) {
            pass.run();
        } else {
            for (int sequence = 0; sequence < mask.sequences(); sequence++) {
                fused.get().forward(whole(tensors, mask, sequence));
            }
        }
        parts.device().release(mark);
    }

    @Override
    public void backward(Tensors tensors, TensorGradients gradients, AttentionMask mask) {
        requireSameTile(mask);
        Arena.Mark mark = parts.device().mark();
        FlashBackward pass = new FlashBackward(parts, tensors, gradients, mask);
        Optional<FusedAttention> fused = fused(mask);
        if (fused.isEmpty()) {
            pass.run();
        } else {
            for (int sequence = 0; sequence < mask.sequences(); sequence++) {
                fused.get()
                        .backward(
                                whole(tensors, mask, sequence),
                                new FusedAttention.Gradients(
                                        rows(gradients.out(), mask, sequence),
                                        rows(gradients.query(), mask, sequence),
                                        rows(gradients.key(), mask, sequence),
                                        rows(gradients.value(), mask, sequence)));
            }
        }
        parts.device().release(mark);
    }

    private void requireSameTile(AttentionMask mask) {
        if (!mask.tile().equals(parts.tile())) {
            throw new IllegalArgumentException("a mask in " + mask.tile() + " for attention in " + parts.tile());
        }
    }

    /** What attends to whole sequences here, when all are plainly causal and the device's library can. */
    private Optional<FusedAttention> fused(AttentionMask mask) {
        int headSize = parts.shape().headSize();
        return parts.kernels()
                .fusedAttention()
                .filter(attention -> attention.supports(parts.type(), headSize) && mask.causal());
    }

    private FusedAttention.Sequence whole(Tensors tensors, AttentionMask mask, int sequence) {
        long start = (long) sequence * mask.length();
        return new FusedAttention.Sequence(
                rows(tensors.query(), mask, sequence),
                rows(tensors.key(), mask, sequence),
                rows(tensors.value(), mask, sequence),
                rows(tensors.out(), mask, sequence),
                tensors.logSumExp().columns(start, start + mask.length()),
                parts.shape().headSize(),
                parts.shape().scale());
    }

    private static Tensor rows(Tensor all, AttentionMask mask, int sequence) {
        long start = (long) sequence * mask.length();
        return all.rows(start, start + mask.length());
    }
}
