package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import io.longstrand.backend.Lanes;
import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;

/** The contract, kernel by kernel; each family is a class of its own. */
final class TorchKernels implements Kernels {
    private final Lanes lanes;
    private final Views views;
    private final Blocks blocks;
    private final MatrixProducts products;
    private final Sums sums;
    private final Norms norms;
    private final Activations activations;
    private final TokenKernels tokens;
    private final AttentionKernels attention;
    private final TorchAttention fusedAttention;
    private final FusedAdamW optimizer;

    TorchKernels(Device device, Lanes lanes, Scratch scratch) {
        this.lanes = lanes;
        views = new Views(device, scratch);
        blocks = new Blocks(lanes, device.blocks(), scratch);
        ColumnSums columnSums = new ColumnSums(views, blocks, scratch);
        products = new MatrixProducts(device, views, new Blocks(lanes, device.productBlocks(), scratch), scratch);
        sums = new Sums(views, blocks, columnSums);
        norms = new Norms(views, blocks, columnSums, scratch);
        activations = new Activations(views, blocks);
        tokens = new TokenKernels(views, blocks);
        attention = new AttentionKernels(views, blocks);
        fusedAttention = new TorchAttention(device, views, lanes, scratch);
        optimizer = new FusedAdamW(views, blocks);
    }

    /** Gives back what kernels hold beside the tensors they are given. */
    void close() {
        products.close();
    }

    @Override
    public int lanes() {
        return lanes.count();
    }

    @Override
    public void parallel(long tasks, LaneTask task) {
        lanes.parallel(tasks, task);
    }

    @Override
    public void matmul(MatrixProduct product) {
        products.multiply(product);
    }

    @Override
    public void copy(Tensor from, Tensor to) {
        if (from.rows() != to.rows() || from.columns() != to.columns()) {
            throw new IllegalArgumentException(from + " does not fit " + to);
        }
        blocks.elements(from, block -> views.of(block.of(to)).assign(views.of(block.of(from))));
    }

    @Override
    public void fill(Tensor out, float value) {
        Views.requireDevice(out);
        blocks.elements(out, block -> views.of(block.of(out)).fill(value));
    }

    @Override
    public void add(Tensor left, Tensor right, Tensor out) {
        Views.requireDevice(left, right, out);
        blocks.elements(
                out,
                block -> torch.add_outf(
                        views.of(block.of(left)).values(),
                        views.of(block.of(right)).values(),
                        new Scalar(1),
                        views.of(block.of(out)).values()));
    }

    @Override
    public double sumOfSquares(Tensor in) {
        return sums.ofSquares(in);
    }

    @Override
    public void addColumnSums(Tensor in, Tensor out) {
        sums.addColumns(in, out);
    }

    @Override
    public void rowDots(Tensor left, Tensor right, Tensor out) {
        sums.rowDots(left, right, out);
    }

    @Override
    public void layerNorm(
            Tensor in, Tensor gain, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor inverseDeviation) {
        norms.layerNorm(in, gain, bias, epsilon, out, mean, inverseDeviation);
    }

    @Override
    public void layerNormBackward(
            Tensor outGradient,
            Tensor in,
            Tensor gain,
            Tensor mean,
            Tensor inverseDeviation,
            Tensor inGradient,
            Tensor gainGradient,
            Tensor biasGradient) {
        norms.layerNormBackward(outGradient, in, gain, mean, inverseDeviation, inGradient, gainGradient, biasGradient);
    }

    @Override
    public void rmsNorm(Tensor in, Tensor gain, float epsilon, Tensor out, Tensor inverseRoot) {
        norms.rmsNorm(in, gain, epsilon, out, inverseRoot);
    }

    @Override
    public void rmsNormBackward(
            Tensor outGradient, Tensor in, Tensor gain, Tensor inverseRoot, Tensor inGradient, Tensor gainGradient) {
        norms.rmsNormBackward(outGradient, in, gain, inverseRoot, inGradient, gainGradient);
    }

    @Override
    public void gelu(Tensor in, Tensor out) {
        activations.gelu(in, out);
    }

    @Override
    public void geluBackward(Tensor in, Tensor outGradient, Tensor inGradient) {
        activations.geluBackward(in, outGradient, inGradient);
    }

    @Override
    public void swiglu(Tensor gate, Tensor up, Tensor out) {
        activations.swiglu(gate, up, out);
    }

    @Override
    public void swigluBackward(Tensor gate, Tensor up, Tensor outGradient, Tensor gateGradient, Tensor upGradient) {
        activations.swigluBackward(gate, up, outGradient, gateGradient, upGradient);
    }

    @Override
    public void rotary(Tensor inOut, int headSize, Tensor positions, Tensor cosines, Tensor sines, boolean inverse) {
        tokens.rotary(inOut, headSize, positions, cosines, sines, inverse);
    }

    @Override
    public void embedding(Tensor indices, Tensor table, Tensor out, boolean accumulate) {
        tokens.embedding(indices, table, out, accumulate);
    }

    @Override
    public void embeddingBackward(Tensor indices, Tensor outGradient, Tensor tableGradient) {
        tokens.embeddingBackward(indices, outGradient, tableGradient);
    }

    @Override
    public void crossEntropy(
            Tensor logits, Tensor labels, Tensor weights, Tensor losses, Optional<Tensor> logitsGradient) {
        tokens.crossEntropy(logits, labels, weights, losses, logitsGradient);
    }

    @Override
    public void crossEntropyPart(Tensor logits, Tensor labels, Tensor statistics) {
        tokens.crossEntropyPart(logits, labels, statistics);
    }

    @Override
    public void crossEntropyPartGradient(
            Tensor logits, Tensor labels, Tensor weights, Tensor logSumExp, Tensor logitsGradient) {
        tokens.crossEntropyPartGradient(logits, labels, weights, logSumExp, logitsGradient);
    }

    @Override
    public void softmaxTile(
            Tensor scores,
            TileMask mask,
            float scale,
            Tensor rowMaximum,
            Tensor rowSum,
            Tensor accumulator,
            Tensor probabilities) {
        attention.tile(scores, mask, scale, rowMaximum, rowSum, accumulator, probabilities);
    }

    @Override
    public void softmaxFinish(Tensor accumulator, Tensor rowMaximum, Tensor rowSum, Tensor out, Tensor logSumExp) {
        attention.finish(accumulator, rowMaximum, rowSum, out, logSumExp);
    }

    @Override
    public void softmaxTileBackward(
            Tensor scores,
            Tensor probabilitiesGradient,
            TileMask mask,
            float scale,
            Tensor logSumExp,
            Tensor delta,
            Tensor probabilities,
            Tensor scoresGradient) {
        attention.tileBackward(
                scores, probabilitiesGradient, mask, scale, logSumExp, delta, probabilities, scoresGradient);
    }

    @Override
    public void adamW(AdamWStep step, Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment) {
        optimizer.step(step, parameter, gradient, firstMoment, secondMoment);
    }

    @Override
    public Optional<FusedAttention> fusedAttention() {
        return Optional.of(fusedAttention);
    }
}
