package io.longstrand.backend.nd4j;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Layer norm and RMS norm, forward and backward, in blocks of rows. */
final class Norms {
    private final Views views;
    private final Blocks blocks;

    Norms(Views views, Blocks blocks) {
        this.views = views;
        this.blocks = blocks;
    }

    void layerNorm(
            Tensor in, Tensor gain, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor inverseDeviation) {
        views.requireDevice(in, gain, bias, out, mean, inverseDeviation);
        blocks.rows(in.rows(), in.columns(), block -> {
            INDArray x = views.read(block.of(in)); // (rows, n)
            INDArray means = x.mean(true, 1); // (rows, 1)
            INDArray centred = x.subColumnVector(means);
            INDArray inverse = inverseRoot(centred, epsilon);
            INDArray result = centred.muliColumnVector(inverse)
                    .muliRowVector(views.read(gain))
                    .addiRowVector(views.read(bias));
            views.write(result, block.of(out));
            views.column(block.perRow(mean)).assign(means);
            views.column(block.perRow(inverseDeviation)).assign(inverse);
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
        views.requireDevice(outGradient, in, gain, mean, inverseDeviation, inGradient, gainGradient, biasGradient);
        blocks.rowsInOrder(in, block -> {
            INDArray gradient = views.read(block.of(outGradient)); // (rows, n)
            INDArray inverse = views.column(block.perRow(inverseDeviation)); // (rows, 1)
            INDArray normalised = views.read(block.of(in))
                    .subColumnVector(views.column(block.perRow(mean)))
                    .muliColumnVector(inverse);
            INDArray gainPart = normalised.mul(gradient).sum(true, 0); // (1, n)
            INDArray biasPart = gradient.sum(true, 0);
            INDArray scaled = gradient.mulRowVector(views.read(gain));
            INDArray meanGradient = scaled.mean(true, 1);
            INDArray correlation = scaled.mul(normalised).mean(true, 1);
            INDArray result = scaled.subiColumnVector(meanGradient)
                    .subi(normalised.muliColumnVector(correlation))
                    .muliColumnVector(inverse);
            views.add(result, block.of(inGradient));
            views.add(gainPart, gainGradient);
            views.add(biasPart, biasGradient);
        });
    }

    void rmsNorm(Tensor in, Tensor gain, float epsilon, Tensor out, Tensor inverseRoot) {
        views.requireDevice(in, gain, out, inverseRoot);
        blocks.rows(in.rows(), in.columns(), block -> {
            INDArray x = views.read(block.of(in));
            INDArray inverse = inverseRoot(x, epsilon);
            views.write(x.mulColumnVector(inverse).muliRowVector(views.read(gain)), block.of(out));
            views.column(block.perRow(inverseRoot)).assign(inverse);
        });
    }

    void rmsNormBackward(
            Tensor outGradient, Tensor in, Tensor gain, Tensor inverseRoot, Tensor inGradient, Tensor gainGradient) {
        views.requireDevice(outGradient, in, gain, inverseRoot, inGradient, gainGradient);
        blocks.rowsInOrder(in, block -> {
            INDArray gradient = views.read(block.of(outGradient));
            INDArray inverse = views.column(block.perRow(inverseRoot));
            INDArray normalised = views.read(block.of(in)).mulColumnVector(inverse);
            INDArray gainPart = normalised.mul(gradient).sum(true, 0);
            INDArray scaled = gradient.mulRowVector(views.read(gain));
            INDArray correlation = scaled.mul(normalised).mean(true, 1);
            INDArray result =
                    scaled.subi(normalised.muliColumnVector(correlation)).muliColumnVector(inverse);
            views.add(result, block.of(inGradient));
            views.add(gainPart, gainGradient);
        });
    }

    /** One over the root of the rows' mean squares plus epsilon, (rows, 1). */
    private static INDArray inverseRoot(INDArray rows, float epsilon) {
        INDArray meanSquare = rows.mul(rows).mean(true, 1);
        return Transforms.sqrt(meanSquare.addi(epsilon), false).rdivi(1);
    }
}
