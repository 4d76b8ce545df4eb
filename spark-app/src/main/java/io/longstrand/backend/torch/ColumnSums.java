package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Tensor;

/** Sums over rows that the lanes form block by block and that are added up in the order of the blocks. */
final class ColumnSums {
    /** Forms one block's part of each sum. */
    @FunctionalInterface
    interface Part {
        /** @param sums FLOAT32 (1, n) each, to be written */
        void of(Blocks.Block block, TorchArray[] sums);
    }

    private final Views views;
    private final Blocks blocks;
    private final Scratch scratch;

    ColumnSums(Views views, Blocks blocks, Scratch scratch) {
        this.views = views;
        this.blocks = blocks;
        this.scratch = scratch;
    }

    /** Adds the sums over all rows of {@code in} to FLOAT32 (1, n) tensors. */
    void add(Tensor in, Part part, Tensor... outs) {
        if (in.elements() == 0) {
            return;
        }
        scratch.run(() -> {
            TorchArray[] parts = new TorchArray[outs.length]; // (blocks, n) each
            for (int i = 0; i < outs.length; i++) {
                parts[i] = views.scratch(blocks.count(in), in.columns());
            }
            blocks.rows(in.rows(), in.columns(), block -> {
                TorchArray[] sums = new TorchArray[outs.length];
                for (int i = 0; i < outs.length; i++) {
                    sums[i] = parts[i].part(0, block.number(), block.number() + 1);
                }
                part.of(block, sums);
            });
            for (int i = 0; i < outs.length; i++) {
                views.of(outs[i]).add(parts[i].sum(0));
            }
        });
    }
}
