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
public final class FlashAttention implements ShardAttention {
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
    public AttentionShape shape() {
        return parts.shape();
    }

    @Override
    public void forward(Tensors tensors, AttentionMask mask) {
        BlockMask block = whole(mask);
        Arena.Mark mark = parts.device().mark();
        FlashForward pass = new FlashForward(parts, tensors, block, false);
        Optional<FusedAttention> fused = fused(block);
        if (fused.isEmpty()) {
            pass.run();
        } else {
            for (int sequence = 0; sequence < block.sequences(); sequence++) {
                fused.get().forward(sequence(tensors, block, sequence));
            }
        }
        parts.device().release(mark);
    }

    @Override
    public boolean readsOut() {
        return fused().isPresent();
    }

    @Override
    public void backward(Tensors tensors, Tensor delta, TensorGradients gradients, AttentionMask mask) {
        BlockMask block = whole(mask);
        Arena.Mark mark = parts.device().mark();
        // Its scratch is taken in any case: a plan does not know the masks.
        FlashBackward pass = new FlashBackward(parts, tensors, gradients, delta, block, false);
        Optional<FusedAttention> fused = fused(block);
        if (fused.isEmpty()) {
            pass.run();
        } else {
            for (int sequence = 0; sequence < block.sequences(); sequence++) {
                fused.get()
                        .backward(
                                sequence(tensors, block, sequence),
                                new FusedAttention.Gradients(
                                        rows(gradients.out(), block, sequence),
                                        rows(gradients.query(), block, sequence),
                                        rows(gradients.key(), block, sequence),
                                        rows(gradients.value(), block, sequence)));
            }
        }
        parts.device().release(mark);
    }

    @Override
    public void backwardByDots(Tensors tensors, Tensor delta, TensorGradients gradients, AttentionMask mask) {
        run(() -> new FlashBackward(parts, tensors, gradients, delta, whole(mask), false).run());
    }

    /**
     * Attends to the keys of one block.
     *
     * @param tensors of the queries, and of the keys of the block; the output is FLOAT32
     * @param begun whether output and log-sum-exp hold what other blocks gave, to which this one is joined; otherwise
     *     they are written
     */
    public void forwardBlock(Tensors tensors, BlockMask mask, boolean begun) {
        requireSameTile(mask.tile());
        run(() -> new FlashForward(parts, tensors, mask, begun).run());
    }

    /**
     * What one block of keys adds to the gradients.
     *
     * @param tensors of the queries, with the log-sum-exp over all blocks, and of the keys of this one; the output is not
     *     looked at
     * @param delta FLOAT32 (heads, tokens), of {@link OutputDots}
     * @param gradients FLOAT32 but that of the output; added to that of the queries, written to those of keys and values
     */
    public void backwardBlock(Tensors tensors, Tensor delta, TensorGradients gradients, BlockMask mask) {
        requireSameTile(mask.tile());
        run(() -> new FlashBackward(parts, tensors, gradients, delta, mask, true).run());
    }

    /** Runs a pass and gives back its scratch. */
    private void run(Runnable pass) {
        Arena.Mark mark = parts.device().mark();
        pass.run();
        parts.device().release(mark);
    }

    /** The only block of a mask over whole sequences. */
    private BlockMask whole(AttentionMask mask) {
        if (mask.cut().context() > 1) {
            throw new IllegalArgumentException("keys of " + mask.cut() + " are on several ranks");
        }
        requireSameTile(mask.tile());
        return mask.block(0);
    }

    private void requireSameTile(TileSize tile) {
        if (!tile.equals(parts.tile())) {
            throw new IllegalArgumentException("a mask in " + tile + " for attention in " + parts.tile());
        }
    }

    /** What attends to whole sequences here, when all are plainly causal and the device's library can. */
    private Optional<FusedAttention> fused(BlockMask mask) {
        return fused().filter(attention -> mask.causal());
    }

    private Optional<FusedAttention> fused() {
        int headSize = parts.shape().headSize();
        return parts.kernels().fusedAttention().filter(attention -> attention.supports(parts.type(), headSize));
    }

    private FusedAttention.Sequence sequence(Tensors tensors, BlockMask mask, int sequence) {
        long start = (long) sequence * mask.queries();
        return new FusedAttention.Sequence(
                rows(tensors.query(), mask, sequence),
                rows(tensors.key(), mask, sequence),
                rows(tensors.value(), mask, sequence),
                rows(tensors.out(), mask, sequence),
                tensors.logSumExp().columns(start, start + mask.queries()),
                parts.shape().headSize(),
                parts.shape().scale());
    }

    private static Tensor rows(Tensor all, BlockMask mask, int sequence) {
        long start = (long) sequence * mask.queries();
        return all.rows(start, start + mask.queries());
    }
}
