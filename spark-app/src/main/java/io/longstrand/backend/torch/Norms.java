package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Tensor;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Layer norm, which libtorch has whole, and RMS norm, which it has only without its statistics. */
final class Norms {
    private final Views views;
    private final Blocks blocks;
    private final ColumnSums columnSums;
    private final Scratch scratch;

    Norms(Views views, Blocks blocks, ColumnSums columnSums, Scratch scratch) {
        this.views = views;
        this.blocks = blocks;
        this.columnSums = columnSums;
        this.scratch = scratch;
    }

    void layerNorm(
            Tensor in, Tensor gain, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor inverseDeviation) {
        Views.requireDevice(in, gain, bias, out, mean, inverseDeviation);
        blocks.rows(in.rows(), in.columns(), block -> {
            // Widened as the gain is: on CUDA libtorch takes operands of one type only.
            T_TensorTensorTensor_T results = torch.native_layer_norm(
                    views.read(block.of(in)).values(),
                    new long[] {in.columns()},
                    parameter(gain),
                    parameter(bias),
                    epsilon);
            views.of(block.of(out)).assign(held(results.get0()));
            views.column(block.perRow(mean)).assign(held(results.get1()));
            views.column(block.perRow(inverseDeviation)).assign(held(results.get2()));
        });
    }

    void layerNormBackward(
            Tensor outGradient,
            Tensor in,
            Tensor gain,
            Tensor mean,
            Tensor inverseDeviation,
            Tensor inGradient,
            Tensor gainGradient,
            Tensor biasGradient) {
        Views.requireDevice(outGradient, in, gain, mean, inverseDeviation, inGradient, gainGradient, biasGradient);
        columnSums.add(
                in,
                (block, sums) -> {
                    T_TensorTensorTensor_T results = torch.native_layer_norm_backward(
                            views.read(block.of(outGradient)).values(),
                            views.read(block.of(in)).values(),
                            new long[] {in.columns()},
                            views.column(block.perRow(mean)).values(),
                            views.column(block.perRow(inverseDeviation)).values(),
                            parameter(gain),
                            parameter(gain), // of the bias only the type is looked at
                            allGradients());
                    views.of(block.of(inGradient)).add(held(results.get0()));
                    sums[0].assign(held(results.get1()));
                    sums[1].assign(held(results.get2()));
                },
                gainGradient,
                biasGradient);
    }

    void rmsNorm(Tensor in, Tensor gain, float epsilon, Tensor out, Tensor inverseRoot) {
        Views.requireDevice(in, gain, out, inverseRoot);
        blocks.rows(in.rows(), in.columns(), block -> {
            TorchArray x = views.read(block.of(in));
            TorchArray inverse = x.square().mean(1).add(epsilon).invertRoot(); // (rows, 1)
            views.column(block.perRow(inverseRoot)).assign(inverse);
            views.of(block.of(out)).assign(x.times(inverse).multiply(views.of(gain)));
        });
    }

    void rmsNormBackward(
            Tensor outGradient, Tensor in, Tensor gain, Tensor inverseRoot, Tensor inGradient, Tensor gainGradient) {
        Views.requireDevice(outGradient, in, gain, inverseRoot, inGradient, gainGradient);
        columnSums.add(
                in,
                (block, sums) -> {
                    TorchArray gradient = views.read(block.of(outGradient));
                    TorchArray inverse = views.column(block.perRow(inverseRoot)); // (rows, 1)
                    TorchArray normalised = views.read(block.of(in)).times(inverse);
                    sums[0].assign(normalised.times(gradient).sum(0));
                    TorchArray scaled = gradient.times(views.read(gain));
                    TorchArray correlation = scaled.times(normalised).mean(1); // (rows, 1)
                    TorchArray result = scaled.subtract(normalised.multiply(correlation));
                    views.of(block.of(inGradient)).add(result.multiply(inverse));
                },
                gainGradient);
    }

    private static BoolPointer allGradients() {
        return new BoolPointer(3).put(0, true).put(1, true).put(2, true);
    }

    /** Widened, so that the statistics are FLOAT32 too. */
    private TensorOptional parameter(Tensor row) {
        return new TensorOptional(views.read(row).flattened().values());
    }

    private TorchArray held(org.bytedeco.pytorch.Tensor result) {
        return new TorchArray(scratch.hold(result), scratch);
    }
}
