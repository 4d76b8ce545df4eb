package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.KernelScratch;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.ScratchForecast;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The scratch of the cpu backend's kernels. Products are taken through the very code that computes them, up to where
 * oneDNN is called; they and the norms take from scratch nobody writes to. What kernels widen rows into is bounded by
 * the operands a kernel can have.
 */
final class CpuScratchForecast implements ScratchForecast {
    private final int lanes;
    private final OneDnn library = new OneDnn();
    private final LanePool alone = new LanePool(1);
    private final ForetoldScratch caller = new ForetoldScratch();
    private final ForetoldScratch any = new ForetoldScratch();
    private final MatrixProducts products;
    private final MatrixProducts laneProducts;
    private final Set<MatmulForm> seen = new HashSet<>();
    private final Set<MatmulForm> seenOnLanes = new HashSet<>();

    /** @param lanes of the backend */
    CpuScratchForecast(int lanes) {
        this.lanes = lanes;
        // Any lane may compute a part of a product; what is packed for all is the caller's.
        products = MatrixProducts.foretold(alone, any.pads, caller.packed, caller.widenedMatrices, library);
        laneProducts = MatrixProducts.foretold(alone, any.pads, any.packed, any.widenedMatrices, library);
    }

    /** Pieces of one lane, as {@link CpuKernels} has them. */
    private static final class ForetoldScratch {
        private final ScratchUse use = new ScratchUse();
        private final Scratch pads = new Scratch(1, use);
        private final Scratch packed = new Scratch(1, use);
        private final Scratch widenedMatrices = new Scratch(1, use);
        private final Scratch widened = new Scratch(1, use);

        private List<Scratch> all() {
            return List.of(pads, packed, widenedMatrices, widened);
        }
    }

    @Override
    public void matmul(MatrixProduct product) {
        if (seen.add(MatmulForm.of(product, product.accumulate()))) {
            products.foretell(product);
        }
    }

    @Override
    public void matmulOnLanes(MatrixProduct product) {
        if (seenOnLanes.add(MatmulForm.of(product, product.accumulate()))) {
            laneProducts.foretell(product);
        }
    }

    @Override
    public void normBackward(Tensor in, int gradients) {
        GainGradients.partialSums(caller.pads, 0, in.rows(), Math.toIntExact(in.columns()), gradients);
    }

    @Override
    public void columnSums(Tensor in) {
        any.widened.take(0, Reductions.columnSumBytes());
    }

    @Override
    public void rowwise(Tensor... tensors) {
        long longest = Arrays.stream(tensors).mapToLong(Tensor::columns).max().orElse(0);
        widen(Math.toIntExact(longest + Reductions.COLUMNS), tensors);
    }

    @Override
    public void elementwise(Tensor... tensors) {
        widen(Pieces.LENGTH, tensors);
    }

    /** Room for two rows of every tensor that is widened, and for one stretch that belongs to none. */
    private void widen(int longest, Tensor... tensors) {
        int narrow = (int) Arrays.stream(tensors)
                .filter(tensor -> tensor.type() == DataType.BFLOAT16)
                .count();
        any.widened.take(0, FloatOperands.bytes(2 * narrow + 1, longest));
    }

    @Override
    public KernelScratch scratch() {
        List<Long> pieces = new ArrayList<>();
        for (int i = 0; i < any.all().size(); i++) {
            long everywhere = any.all().get(i).bytes(0);
            pieces.add(Math.max(everywhere, caller.all().get(i).bytes(0)));
            for (int lane = 1; lane < lanes; lane++) {
                pieces.add(everywhere);
            }
        }
        return new KernelScratch(pieces);
    }

    @Override
    public void close() {
        products.close();
        laneProducts.close();
        caller.all().forEach(Scratch::close);
        any.all().forEach(Scratch::close);
        alone.close();
        library.close();
    }
}
