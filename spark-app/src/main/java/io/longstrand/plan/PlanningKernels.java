package io.longstrand.plan;

import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.ScratchForecast;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.Optional;

/**
 * Kernels that check where their tensors lie and how their shapes fit, and compute nothing. The work of lanes is not
 * run: it takes no memory from an arena, and a long sequence has millions of tiles.
 */
final class PlanningKernels implements Kernels {
    private final int lanes;
    private final ScratchForecast forecast;
    private final Optional<FusedAttention> fused;
    private long movedBytes;

    /** @param forecast told of every operation that may need scratch */
    PlanningKernels(int lanes, ScratchForecast forecast, Optional<FusedAttention> fused) {
        this.fused = fused;
        this.lanes = lanes;
        this.forecast = forecast;
    }

    long movedBytes() {
        return movedBytes;
    }

    @Override
    public Optional<FusedAttention> fusedAttention() {
        return fused;
    }

    @Override
    public boolean compute() {
        return false;
    }

    @Override
    public int lanes() {
        return lanes;
    }

    @Override
    public void parallel(long tasks, LaneTask task) {
        // See the class comment.
    }

    @Override
    public void expectOnLanes(MatrixProduct product) {
        onDevice(product.left(), product.right(), product.out());
        forecast.matmulOnLanes(product);
    }

    @Override
    public void matmul(MatrixProduct product) {
        onDevice(product.left(), product.right(), product.out());
        product.bias().ifPresent(PlanningKernels::onDevice);
        forecast.matmul(product);
    }

    @Override
    public void copy(Tensor from, Tensor to) {
        sameShape(from, to);
        if (from.place() != to.place()) {
            movedBytes += from.bytes();
        }
    }

    @Override
    public void fill(Tensor out, float value) {
        onDevice(out);
    }

    @Override
    public void add(Tensor left, Tensor right, Tensor out) {
        onDevice(left, right, out);
        sameShape(left, right, out);
        forecast.elementwise(left, right, out);
    }

    @Override
    public double sumOfSquares(Tensor in) {
        onDevice(in);
        forecast.elementwise(in);
        return 0;
    }

    @Override
    public void addColumnSums(Tensor in, Tensor out) {
        onDevice(in, out);
        elements(in.columns(), out);
        forecast.columnSums(in);
    }

    @Override
    public void rowDots(Tensor left, Tensor right, Tensor out) {
        onDevice(left, right, out);
        sameShape(left, right);
        elements(left.rows(), out);
        forecast.rowwise(left, right);
    }

    @Override
    public void layerNorm(
            Tensor in, Tensor gain, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor inverseDeviation) {
        onDevice(in, gain, bias, out, mean, inverseDeviation);
        sameShape(in, out);
        elements(in.columns(), gain, bias);
        elements(in.rows(), mean, inverseDeviation);
        forecast.rowwise(in, gain, bias, out);
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
        onDevice(outGradient, in, gain, mean, inverseDeviation, inGradient, gainGradient, biasGradient);
        sameShape(outGradient, in, inGradient);
        elements(in.columns(), gain, gainGradient, biasGradient);
        elements(in.rows(), mean, inverseDeviation);
        forecast.normBackward(in, 2);
        forecast.columnSums(in);
        forecast.rowwise(outGradient, in, gain, inGradient);
    }

    @Override
    public void rmsNorm(Tensor in, Tensor gain, float epsilon, Tensor out, Tensor inverseRoot) {
        onDevice(in, gain, out, inverseRoot);
        sameShape(in, out);
        elements(in.columns(), gain);
        elements(in.rows(), inverseRoot);
        forecast.rowwise(in, gain, out);
    }

    @Override
    public void rmsNormBackward(
            Tensor outGradient, Tensor in, Tensor gain, Tensor inverseRoot, Tensor inGradient, Tensor gainGradient) {
        onDevice(outGradient, in, gain, inverseRoot, inGradient, gainGradient);
        sameShape(outGradient, in, inGradient);
        elements(in.columns(), gain, gainGradient);
        elements(in.rows(), inverseRoot);
        forecast.normBackward(in, 1);
        forecast.columnSums(in);
        forecast.rowwise(outGradient, in, gain, inGradient);
    }

    @Override
    public void gelu(Tensor in, Tensor out) {
        onDevice(in, out);
        sameShape(in, out);
        forecast.elementwise(in, out);
    }

    @Override
    public void geluBackward(Tensor in, Tensor outGradient, Tensor inGradient) {
        onDevice(in, outGradient, inGradient);
        sameShape(in, outGradient, inGradient);
        forecast.elementwise(in, outGradient, inGradient);
    }

    @Override
    public void swiglu(Tensor gate, Tensor up, Tensor out) {
        onDevice(gate, up, out);
        sameShape(gate, up, out);
        forecast.elementwise(gate, up, out);
    }

    @Override
    public void swigluBackward(Tensor gate, Tensor up, Tensor outGradient, Tensor gateGradient, Tensor upGradient) {
        onDevice(gate, up, outGradient, gateGradient, upGradient);
        sameShape(gate, up, outGradient, gateGradient, upGradient);
        forecast.elementwise(gate, up, outGradient, gateGradient, upGradient);
    }

    @Override
    public void rotary(Tensor inOut, int headSize, Tensor positions, Tensor cosines, Tensor sines, boolean inverse) {
        onDevice(inOut, positions, cosines, sines);
        elements(inOut.rows(), positions);
        sameShape(cosines, sines);
        forecast.rowwise(inOut);
    }

    @Override
    public void embedding(Tensor indices, Tensor table, Tensor out, boolean accumulate) {
        onDevice(indices, table, out);
        elements(out.rows(), indices);
        forecast.rowwise(table, out);
    }

    @Override
    public void embeddingBackward(Tensor indices, Tensor outGradient, Tensor tableGradient) {
        onDevice(indices, outGradient, tableGradient);
        elements(outGradient.rows(), indices);
        forecast.rowwise(outGradient);
    }

    @Override
    public void crossEntropy(
            Tensor logits, Tensor labels, Tensor weights, Tensor losses, Optional<Tensor> logitsGradient) {
        onDevice(logits, labels, weights, losses);
        elements(logits.rows(), labels, weights, losses);
        logitsGradient.ifPresent(gradient -> sameShape(logits, gradient));
        forecast.rowwise(logits, logitsGradient.orElse(logits));
    }

    @Override
    public void crossEntropyPart(Tensor logits, Tensor labels, Tensor statistics) {
        onDevice(logits, labels, statistics);
        elements(logits.rows(), labels);
        elements(3 * logits.rows(), statistics);
        forecast.rowwise(logits);
    }

    @Override
    public void crossEntropyPartGradient(
            Tensor logits, Tensor labels, Tensor weights, Tensor logSumExp, Tensor logitsGradient) {
        onDevice(logits, labels, weights, logSumExp, logitsGradient);
        elements(logits.rows(), labels, weights, logSumExp);
        sameShape(logits, logitsGradient);
        forecast.rowwise(logits, logitsGradient);
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
        onDevice(scores, rowMaximum, rowSum, accumulator, probabilities);
        sameShape(scores, probabilities);
        elements(scores.rows(), rowMaximum, rowSum);
    }

    @Override
    public void softmaxFinish(Tensor accumulator, Tensor rowMaximum, Tensor rowSum, Tensor out, Tensor logSumExp) {
        onDevice(accumulator, rowMaximum, rowSum, out, logSumExp);
        sameShape(accumulator, out);
        elements(out.rows(), rowMaximum, rowSum, logSumExp);
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
        onDevice(scores, probabilitiesGradient, logSumExp, delta, probabilities, scoresGradient);
        sameShape(scores, probabilitiesGradient, probabilities, scoresGradient);
        elements(scores.rows(), logSumExp, delta);
    }

    @Override
    public void adamW(AdamWStep step, Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment) {
        onDevice(parameter, gradient, firstMoment, secondMoment);
        elements(parameter.elements(), gradient, firstMoment, secondMoment);
    }

    private static void onDevice(Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor.place() != Place.DEVICE) {
                throw new IllegalArgumentException(tensor + " is not on the device");
            }
        }
    }

    private static void sameShape(Tensor first, Tensor... others) {
        for (Tensor other : others) {
            if (other.rows() != first.rows() || other.columns() != first.columns()) {
                throw new IllegalArgumentException(other + " has not the shape of " + first);
            }
        }
    }

    private static void elements(long count, Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor.elements() != count) {
                throw new IllegalArgumentException(tensor + " has not " + count + " elements");
            }
        }
    }
}
