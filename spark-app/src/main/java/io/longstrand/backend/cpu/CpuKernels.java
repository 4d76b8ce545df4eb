package io.longstrand.backend.cpu;

import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.KernelScratch;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.OperandPacking;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.List;
import java.util.Optional;

/** The kernels of the cpu backend, each done by the class of its family. Calls return when the work is done. */
final class CpuKernels implements Kernels, AutoCloseable {
    private final LanePool lanes;
    private final ScratchUse use = new ScratchUse();
    private final Scratch scratch;
    private final Scratch packed;
    private final Scratch widenedMatrices;
    private final Scratch widened;
    private final MatrixProducts products;
    private final TensorCopy copy;
    private final Elementwise elementwise;
    private final Reductions reductions;
    private final LayerNorm layerNorm;
    private final RmsNorm rmsNorm;
    private final Gelu gelu;
    private final Swiglu swiglu;
    private final Rotary rotary;
    private final Embedding embedding;
    private final CrossEntropy crossEntropy;
    private final CrossEntropyPart crossEntropyPart;
    private final SoftmaxTiles softmaxTiles;
    private final AdamW adamW;

    CpuKernels(LanePool lanes, OneDnn library) {
        this.lanes = lanes;
        scratch = new Scratch(lanes.lanes(), use);
        packed = new Scratch(lanes.lanes(), use);
        widenedMatrices = new Scratch(lanes.lanes(), use);
        widened = new Scratch(lanes.lanes(), use);
        products = new MatrixProducts(lanes, scratch, packed, widenedMatrices, library);
        copy = new TensorCopy(lanes);
        elementwise = new Elementwise(lanes, widened);
        reductions = new Reductions(lanes, widened);
        GainGradients gradients = new GainGradients(lanes, scratch, reductions);
        layerNorm = new LayerNorm(lanes, widened, gradients);
        rmsNorm = new RmsNorm(lanes, widened, gradients);
        gelu = new Gelu(lanes, widened);
        swiglu = new Swiglu(lanes, widened);
        rotary = new Rotary(lanes, widened);
        embedding = new Embedding(lanes, widened);
        crossEntropy = new CrossEntropy(lanes, widened);
        crossEntropyPart = new CrossEntropyPart(lanes, widened);
        softmaxTiles = new SoftmaxTiles(lanes);
        adamW = new AdamW(lanes);
    }

    long scratchBytes() {
        return use.peak();
    }

    /** See {@link io.longstrand.tensor.Backend#reserveScratch}: the pieces of {@link CpuScratchForecast}. */
    void reserveScratch(KernelScratch foretold, long most) {
        List<Scratch> all = List.of(scratch, packed, widenedMatrices, widened);
        all.forEach(Scratch::close);
        use.restart(most);
        for (int i = 0; i < all.size(); i++) {
            all.get(i).reserve(foretold.pieces().subList(i * lanes.lanes(), (i + 1) * lanes.lanes()));
        }
    }

    @Override
    public int lanes() {
        return lanes.lanes();
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
    public Optional<OperandPacking> packing() {
        return products.packs() ? Optional.of(products) : Optional.empty();
    }

    @Override
    public void copy(Tensor from, Tensor to) {
        copy.copy(from, to);
    }

    @Override
    public void fill(Tensor out, float value) {
        elementwise.fill(out, value);
    }

    @Override
    public void add(Tensor left, Tensor right, Tensor out) {
        elementwise.add(left, right, out);
    }

    @Override
    public double sumOfSquares(Tensor in) {
        return reductions.sumOfSquares(in);
    }

    @Override
    public void addColumnSums(Tensor in, Tensor out) {
        reductions.addColumnSums(in, out);
    }

    @Override
    public void rowDots(Tensor left, Tensor right, Tensor out) {
        reductions.rowDots(left, right, out);
    }

    @Override
    public void layerNorm(
            Tensor in, Tensor gain, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor inverseDeviation) {
        layerNorm.forward(in, gain, bias, epsilon, out, mean, inverseDeviation);
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
        layerNorm.backward(outGradient, in, gain, mean, inverseDeviation, inGradient, gainGradient, biasGradient);
    }

    @Override
    public void rmsNorm(Tensor in, Tensor gain, float epsilon, Tensor out, Tensor inverseRoot) {
        rmsNorm.forward(in, gain, epsilon, out, inverseRoot);
    }

    @Override
    public void rmsNormBackward(
            Tensor outGradient, Tensor in, Tensor gain, Tensor inverseRoot, Tensor inGradient, Tensor gainGradient) {
        rmsNorm.backward(outGradient, in, gain, inverseRoot, inGradient, gainGradient);
    }

    @Override
    public void gelu(Tensor in, Tensor out) {
        gelu.forward(in, out);
    }

    @Override
    public void geluBackward(Tensor in, Tensor outGradient, Tensor inGradient) {
        gelu.backward(in, outGradient, inGradient);
    }

    @Override
    public void swiglu(Tensor gate, Tensor up, Tensor out) {
        swiglu.forward(gate, up, out);
    }

    @Override
    public void swigluBackward(Tensor gate, Tensor up, Tensor outGradient, Tensor gateGradient, Tensor upGradient) {
        swiglu.backward(gate, up, outGradient, gateGradient, upGradient);
    }

    @Override
    public void rotary(Tensor inOut, int headSize, Tensor positions, Tensor cosines, Tensor sines, boolean inverse) {
        rotary.apply(inOut, headSize, positions, cosines, sines, inverse);
    }

    @Override
    public void embedding(Tensor indices, Tensor table, Tensor out, boolean accumulate) {
        embedding.forward(indices, table, out, accumulate);
    }

    @Override
    public void embeddingBackward(Tensor indices, Tensor outGradient, Tensor tableGradient) {
        embedding.backward(indices, outGradient, tableGradient);
    }

    @Override
    public void crossEntropy(
            Tensor logits, Tensor labels, Tensor weights, Tensor losses, Optional<Tensor> logitsGradient) {
        crossEntropy.rows(logits, labels, weights, losses, logitsGradient);
    }

    @Override
    public void crossEntropyPart(Tensor logits, Tensor labels, Tensor statistics) {
        crossEntropyPart.statistics(logits, labels, statistics);
    }

    @Override
    public void crossEntropyPartGradient(
            Tensor logits, Tensor labels, Tensor weights, Tensor logSumExp, Tensor logitsGradient) {
        crossEntropyPart.gradient(logits, labels, weights, logSumExp, logitsGradient);
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
        softmaxTiles.forward(scores, mask, scale, rowMaximum, rowSum, accumulator, probabilities);
    }

    @Override
    public void softmaxFinish(Tensor accumulator, Tensor rowMaximum, Tensor rowSum, Tensor out, Tensor logSumExp) {
        softmaxTiles.finish(accumulator, rowMaximum, rowSum, out, logSumExp);
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
        softmaxTiles.backward(
                scores, probabilitiesGradient, mask, scale, logSumExp, delta, probabilities, scoresGradient);
    }

    @Override
    public void adamW(AdamWStep step, Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment) {
        adamW.step(step, parameter, gradient, firstMoment, secondMoment);
    }

    @Override
    public void close() {
        products.close();
        scratch.close();
        packed.close();
        widenedMatrices.close();
        widened.close();
    }
}
